package dismaxlib_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TestTemperatureDividesLogits also checks that a graph takes the new temperature that was compiled before, when the
// variable had a value.
func TestTemperatureDividesLogits(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
		for _, loss := range allLosses(t) {
			p := randomProblem(1, 6, 5, 4)
			store := p.store(loss, dtype)
			head := func(scope *model.Scope, features *Node) *Node {
				return loss.Head(scope, features, len(p.prototypes))
			}
			exec := model.MustNewExec(testkit.Backend(t), store, head)
			logits := func() []float64 { return numbers(exec.MustCall1(tensor(p.features, dtype))) }
			model.MustCallOnce(testkit.Backend(t), store, head, tensor(p.features, dtype)) // gives it its value
			before := logits()
			if err := dismaxlib.SetTemperature(store, 0.25); err != nil {
				t.Fatal(err)
			}
			if got, err := dismaxlib.Temperature(store); err != nil || got != 0.25 {
				t.Errorf("%s: temperature: got %g, error %v, want 0.25", loss.Name, got, err)
			}
			want := make([]float64, len(before))
			for i, logit := range before {
				want[i] = 4 * logit
			}
			testkit.CheckClose(t, loss.Name, logits(), want, 1e-6)
		}
	}
}

func TestTemperatureNeverChangesPredictions(t *testing.T) {
	p := randomProblem(2, 40, 8, 6)
	for _, loss := range allLosses(t) {
		var want []int
		for _, temperature := range []float64{1, 0.01, 0.3, 7, 100} {
			store := p.store(loss, dtypes.Float64)
			logits := evaluate(t, store, loss, p, temperature)
			var got []int
			for row := range slices.Chunk(logits, len(p.prototypes)) {
				got = append(got, slices.Index(row, slices.Max(row)))
			}
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: predictions at temperature %g differ from those at 1", loss.Name, temperature)
			}
		}
	}
}

// evaluate returns the logits of a problem at a temperature.
func evaluate(t *testing.T, store *model.Store, loss *dismaxlib.Loss, p problem, temperature float64) []float64 {
	t.Helper()
	path := model.JoinPath("/", dismaxlib.HeadScope, "temperature")
	if _, err := store.CreateVariable(path, tensors.FromValue(temperature)); err != nil {
		t.Fatal(err)
	}
	logits, err := model.CallOnce(testkit.Backend(t), store, func(scope *model.Scope, features *Node) *Node {
		return loss.Head(scope, features, len(p.prototypes))
	}, tensor(p.features, dtypes.Float64))
	if err != nil {
		t.Fatal(err)
	}
	return numbers(logits)
}

func TestTemperatureMustBePositiveAndFinite(t *testing.T) {
	p := randomProblem(3, 2, 3, 2)
	store := p.store(lossByName(t, "dismax"), dtypes.Float32)
	evaluate32(t, store)
	for _, temperature := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if err := dismaxlib.SetTemperature(store, temperature); err == nil ||
			!strings.Contains(err.Error(), "positive and finite") {
			t.Errorf("temperature %g: got error %v, want one about positive and finite", temperature, err)
		}
		message := testkit.PanicOf(func() { new(dismaxlib.Head).Temperature(temperature) })
		if !strings.Contains(message, "positive and finite") {
			t.Errorf("temperature %g of a head: got panic %q", temperature, message)
		}
	}
	if got, err := dismaxlib.Temperature(store); err != nil || got != 1 {
		t.Errorf("temperature after errors: got %g, error %v, want 1", got, err)
	}
}

// evaluate32 runs a DisMax head of 3 features and 2 classes once, so that its variables have values.
func evaluate32(t *testing.T, store *model.Store) {
	t.Helper()
	_, err := model.CallOnce(testkit.Backend(t), store, func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.DisMax(scope, features, 2).Done()
	}, [][]float32{{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTemperatureNeedsAHead(t *testing.T) {
	store := model.NewStore()
	store.RootScope().VariableWithValue("temperature", float32(3)) // of another layer
	if err := dismaxlib.SetTemperature(store, 2); err == nil || !strings.Contains(err.Error(), "checkpoint") {
		t.Errorf("setting: got error %v, want one that says to load the checkpoint", err)
	}
	if _, err := dismaxlib.Temperature(store); err == nil || !strings.Contains(err.Error(), "checkpoint") {
		t.Errorf("getting: got error %v, want one that says to load the checkpoint", err)
	}
}

func TestTemperatureThatHasNoValueYetSaysWhatToDo(t *testing.T) {
	store := model.NewStore()
	scope := store.RootScope().In(dismaxlib.HeadScope)
	scope.VariableWithShape("temperature", shapes.Make(dtypes.Float32))
	if _, err := dismaxlib.Temperature(store); err == nil || !strings.Contains(err.Error(), "no value yet") {
		t.Errorf("got error %v, want one that says that there is no value yet", err)
	}
}

func TestTemperatureOfSeveralHeads(t *testing.T) {
	store := model.NewStore()
	_, err := model.CallOnceN(testkit.Backend(t), store, func(scope *model.Scope, features *Node) []*Node {
		return []*Node{
			dismaxlib.DisMax(scope.In("fine"), features, 4).Temperature(2).Done(),
			dismaxlib.SoftMax(scope.In("coarse"), features, 2).Done(),
		}
	}, [][]float32{{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dismaxlib.Temperature(store); err == nil || !strings.Contains(err.Error(), "different temperatures") {
		t.Errorf("got error %v, want one about different temperatures", err)
	}
	if err := dismaxlib.SetTemperature(store, 0.5); err != nil {
		t.Fatal(err)
	}
	if got, err := dismaxlib.Temperature(store); err != nil || got != 0.5 {
		t.Errorf("temperature: got %g, error %v, want 0.5", got, err)
	}
}

func TestProbabilitiesAreTheSoftmaxAtTheTemperature(t *testing.T) {
	logits := randomLogits(4, 3)
	var want []float64
	for _, row := range logits {
		for _, logP := range logSoftmax(row, 1/0.3) {
			want = append(want, math.Exp(logP))
		}
	}
	probabilities := func(logits *Node) *Node { return dismaxlib.Probabilities(logits, 0.3) }
	got, err := CallOnce(testkit.Backend(t), probabilities, tensor(logits, dtypes.Float64))
	if err != nil {
		t.Fatal(err)
	}
	testkit.CheckClose(t, "probabilities", numbers(got), want, 1e-12)
	if message := testkit.PanicOf(func() { dismaxlib.Probabilities(nil, 0) }); !strings.Contains(message, "positive and finite") {
		t.Errorf("temperature 0: got panic %q", message)
	}
}
