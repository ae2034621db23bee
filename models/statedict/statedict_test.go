package statedict_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const classes = 3

// logits evaluates a classifier on two small images, and builds its variables where the store has none.
func logits(t *testing.T, store *model.Store, modelName, lossName string) []float32 {
	t.Helper()
	architecture, err := models.ByName(modelName)
	if err != nil {
		t.Fatal(err)
	}
	loss, err := dismaxlib.LossByName(lossName)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(testkit.Backend(t), store, func(scope *model.Scope, images *Node) *Node {
		return loss.Head(scope, architecture.Backbone(scope.In("backbone"), images), classes)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	const side = 8
	images := tensors.FromFlatDataAndDimensions(randomValues(2*side*side*3, 0), 2, side, side, 3)
	output, err := exec.Call1(images)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](output)
}

// trained returns a store with a classifier all of whose variables have values of their own.
func trained(t *testing.T, modelName, lossName string) *model.Store {
	t.Helper()
	store := model.NewStore()
	logits(t, store, modelName, lossName)
	seed := uint64(1)
	for variable := range store.IterVariables() {
		shape := variable.Shape()
		values := randomValues(shape.Size(), seed)
		if shape.Rank() == 4 {
			for i := range values {
				values[i] /= float32(shape.Size() / shape.Dim(-1)) // so that activations stay finite
			}
		}
		setValue(t, variable, tensors.FromFlatDataAndDimensions(values, shape.Dimensions...))
		seed++
	}
	return store
}

// randomValues returns numbers between 0.5 and 1.5, which every variable may have.
func randomValues(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	values := make([]float32, n)
	for i := range values {
		values[i] = 0.5 + random.Float32()
	}
	return values
}

func setValue(t *testing.T, variable *model.Variable, value *tensors.Tensor) {
	t.Helper()
	if err := variable.SetValue(value); err != nil {
		t.Fatal(err)
	}
}

func stateOf(t *testing.T, store *model.Store, places ...statedict.Place) statedict.State {
	t.Helper()
	state, err := statedict.Of(store, places...)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// loaded returns a store made of the state alone.
func loaded(t *testing.T, state statedict.State, places ...statedict.Place) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := state.Load(store, places...); err != nil {
		t.Fatal(err)
	}
	return store
}

// written passes the state through a file.
func written(t *testing.T, state statedict.State) statedict.State {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := state.Write(path); err != nil {
		t.Fatal(err)
	}
	state, err := statedict.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func zeros(dimensions ...int) *tensors.Tensor {
	return tensors.FromShape(shapes.Make(dtypes.Float32, dimensions...))
}

func checkError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got error %v, want one that says %q", what, err, word)
		}
	}
}

func TestFilesKeepTheLogits(t *testing.T) {
	for _, modelName := range []string{"resnet8", "resnet20", "densenet-bc-40", "wideresnet-10-1"} {
		for _, lossName := range dismaxlib.LossNames() {
			t.Run(modelName+"/"+lossName, func(t *testing.T) {
				store := trained(t, modelName, lossName)
				want := logits(t, store, modelName, lossName)
				state := written(t, stateOf(t, store))

				fresh, built := loaded(t, state), model.NewStore()
				logits(t, built, modelName, lossName)
				if err := state.Load(built); err != nil {
					t.Fatal(err)
				}
				for what, store := range map[string]*model.Store{"before": fresh, "after": built} {
					variables := store.NumVariables()
					if got := logits(t, store, modelName, lossName); !slices.Equal(got, want) {
						t.Errorf("logits of weights that were loaded %s the model was built: got %v, want %v", what, got, want)
					}
					if store.NumVariables() != variables {
						t.Errorf("the model made %d variables besides those loaded", store.NumVariables()-variables)
					}
				}
			})
		}
	}
}

func TestHeadsHaveThePublishedEntries(t *testing.T) {
	const features = 64
	prototypes := []string{fmt.Sprintf("classifier.prototypes [%d %d]", classes, features)}
	withScale := append([]string{"classifier.distance_scale [1]"}, prototypes...)
	for lossName, want := range map[string][]string{
		"softmax":    {"classifier.bias [3]", "classifier.weights [3 64]"},
		"isomax":     prototypes,
		"isomaxplus": append(withScale, "classifier.temperature [1]"),
		"dismax":     append(withScale, "classifier.temperature [1]"),
	} {
		store := trained(t, "resnet8", lossName)
		if err := dismaxlib.SetTemperature(store, 1); err != nil {
			t.Fatal(err)
		}
		state := stateOf(t, store)
		var got []string
		for name, value := range state {
			if strings.HasPrefix(name, "classifier.") {
				got = append(got, fmt.Sprint(name, " ", value.Shape().Dimensions))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got entries %v, want %v", lossName, got, want)
		}
		if temperature, err := dismaxlib.Temperature(loaded(t, state)); err != nil || temperature != 1 {
			t.Errorf("%s: got temperature %g and %v, want 1", lossName, temperature, err)
		}
		const other = 0.25
		if err := dismaxlib.SetTemperature(store, other); err != nil {
			t.Fatal(err)
		}
		if temperature, err := dismaxlib.Temperature(loaded(t, stateOf(t, store))); err != nil || temperature != other {
			t.Errorf("%s: got temperature %g and %v, want %g", lossName, temperature, err, other)
		}
		if err := state.Load(store); err != nil {
			t.Fatal(err)
		}
		if temperature, err := dismaxlib.Temperature(store); err != nil || temperature != 1 {
			t.Errorf("%s: got temperature %g and %v in a built model, want 1", lossName, temperature, err)
		}
	}
}

func TestStateHoldsTheModelAlone(t *testing.T) {
	store := trained(t, "resnet8", "dismax")
	want := stateOf(t, store)
	if _, err := store.CreateVariable("/optimizers/sgd/backbone/conv1/weights", zeros(3, 3, 3, 16)); err != nil {
		t.Fatal(err)
	}
	got := stateOf(t, store)
	if len(got) != len(want) {
		t.Errorf("got %d entries with an optimizer's variable in the store, want %d", len(got), len(want))
	}
	counter := got["layer1.0.bn2.num_batches_tracked"]
	if counter == nil || !counter.Shape().Equal(shapes.Make(dtypes.Int64)) {
		t.Errorf("counter of batches: got %v, want an int64 scalar", counter)
	}
}

func TestLayoutsAreTransposed(t *testing.T) {
	kernel := []float32{ // [2 out, 3 in, 1 high, 2 wide]
		1, 2, 3, 4, 5, 6,
		7, 8, 9, 10, 11, 12,
	}
	state := statedict.State{
		"conv.weight":           tensors.FromFlatDataAndDimensions(kernel, 2, 3, 1, 2),
		"classifier.prototypes": zeros(2, 2),
	}
	store := loaded(t, state)
	value := store.GetVariable("/backbone/conv/weights").MustValue()
	want := tensors.FromFlatDataAndDimensions([]float32{1, 7, 3, 9, 5, 11, 2, 8, 4, 10, 6, 12}, 1, 2, 3, 2)
	if !value.Equal(want) {
		t.Errorf("kernel [height, width, in, out]: got %s, want %s", value, want)
	}
	if back := stateOf(t, store)["conv.weight"]; !back.Equal(state["conv.weight"]) {
		t.Errorf("kernel [out, in, height, width]: got %s, want %s", back, state["conv.weight"])
	}
}

func TestRunningStatisticsAndTemperaturesAreNotTrained(t *testing.T) {
	for variable := range loaded(t, stateOf(t, trained(t, "resnet8", "softmax"))).IterVariables() {
		name := variable.Name()
		if want := name != "mean" && name != "variance" && name != "temperature"; variable.Trainable != want {
			t.Errorf("%s: trainable is %v, want %v", variable.Path(), variable.Trainable, want)
		}
	}
}

func TestLoadConvertsFloats(t *testing.T) {
	values := []float32{0.5, -2, 1024}
	half := []float16.Float16{float16.FromFloat32(.5), float16.FromFloat32(-2), float16.FromFloat32(1024)}
	narrow, wide := tensors.FromFlatDataAndDimensions(values, 3), tensors.FromValue([]float64{.5, -2, 1024})
	place := statedict.Place{Scope: "/net"}
	for dtype, entry := range map[string]*tensors.Tensor{
		"float16":  tensors.FromFlatDataAndDimensions(half, 3),
		"bfloat16": tensors.FromFlatDataAndDimensions(bfloat16.FromFloat32s(values...), 3),
		"float32":  narrow,
		"float64":  wide,
	} {
		state := written(t, statedict.State{"bn.weight": entry})
		if got := loaded(t, state, place).GetVariable("/net/bn/scale").MustValue(); !got.Equal(narrow) {
			t.Errorf("%s as a new variable: got %s, want %s", dtype, got, narrow)
		}
		built := model.NewStore()
		scale, err := built.CreateVariable("/net/bn/scale", tensors.FromValue(make([]float64, 3)))
		if err != nil {
			t.Fatal(err)
		}
		if err := state.Load(built, place); err != nil {
			t.Fatal(err)
		}
		if got := scale.MustValue(); !got.Equal(wide) {
			t.Errorf("%s as a float64 variable: got %s, want %s", dtype, got, wide)
		}
	}
}

func TestLoadTakesDataParallelNetworks(t *testing.T) {
	store := trained(t, "resnet8", "dismax")
	parallel := statedict.State{}
	for name, value := range stateOf(t, store) {
		parallel["module."+name] = value
	}
	got := logits(t, loaded(t, parallel), "resnet8", "dismax")
	if want := logits(t, store, "resnet8", "dismax"); !slices.Equal(got, want) {
		t.Errorf("logits: got %v, want %v", got, want)
	}
}

func TestLoadTakesTheHeadOfTorchvision(t *testing.T) {
	store := trained(t, "resnet8", "softmax")
	if err := dismaxlib.SetTemperature(store, 1); err != nil {
		t.Fatal(err)
	}
	places := []statedict.Place{{Scope: "/backbone"}, {Scope: "/head", Prefix: "fc."}}
	state := stateOf(t, store, places...)
	state["fc.weight"] = state["fc.weights"]
	delete(state, "fc.weights")
	got := logits(t, loaded(t, state, places...), "resnet8", "softmax")
	if want := logits(t, store, "resnet8", "softmax"); !slices.Equal(got, want) {
		t.Errorf("logits: got %v, want %v", got, want)
	}
}

func TestLoadPassesOverThePublishedThresholds(t *testing.T) {
	state := stateOf(t, trained(t, "resnet8", "dismax"))
	state["classifier.validationset_available"] = tensors.FromFlatDataAndDimensions([]bool{true}, 1)
	state["classifier.precomputed_thresholds"] = zeros(2, 25)
	if got, want := len(stateOf(t, loaded(t, state))), len(state)-2; got != want {
		t.Errorf("got %d entries, want %d", got, want)
	}
}

func TestLoadRefusesAnotherModelsState(t *testing.T) {
	kernel, backbone := zeros(16, 3, 3, 3), statedict.Place{Scope: "/backbone"}
	for what, test := range map[string]struct {
		change func(statedict.State)
		says   []string
	}{
		"a missing entry": {func(s statedict.State) { delete(s, "conv1.weight") },
			[]string{"no entry", "/backbone/conv1/weights", "another model"}},
		"an unknown entry": {func(s statedict.State) { s["conv9.weight"] = kernel },
			[]string{"conv9.weight", "/backbone/conv9/weights", "another model"}},
		"other dimensions": {func(s statedict.State) { s["conv1.weight"] = zeros(8, 3, 3, 3) },
			[]string{"conv1.weight", "[3 3 3 8]", "[3 3 3 16]", "another model"}},
		"integers": {func(s statedict.State) { s["bn1.weight"] = tensors.FromValue(make([]int64, 16)) },
			[]string{"bn1.weight", "Int64"}},
		"two entries for one variable": {func(s statedict.State) { s["conv1.weights"] = kernel },
			[]string{"conv1.weight", "another entry"}},
		"no head": {func(s statedict.State) {
			maps.DeleteFunc(s, func(name string, _ *tensors.Tensor) bool { return strings.HasPrefix(name, "classifier.") })
		}, []string{"/head", "classifier."}},
	} {
		store := trained(t, "resnet8", "dismax")
		before := stateOf(t, store)
		state := stateOf(t, trained(t, "resnet8", "dismax"))
		state["bn1.bias"] = zeros(16)
		test.change(state)
		checkError(t, what, state.Load(store), test.says...)
		for name, value := range stateOf(t, store) {
			if !value.Equal(before[name]) {
				t.Errorf("%s: entry %s has changed though there was an error", what, name)
			}
		}
	}
	checkError(t, "no entries", statedict.State{}.Load(model.NewStore(), backbone), "/backbone")
}

func TestOfRefusesWhatHasNoStateDict(t *testing.T) {
	_, err := statedict.Of(model.NewStore())
	checkError(t, "an empty store", err, "/backbone", "build the model")

	store := model.NewStore()
	for _, name := range []string{"scale", "weights"} {
		if _, err := store.CreateVariable("/backbone/both/"+name, zeros(1, 1, 1, 1)); err != nil {
			t.Fatal(err)
		}
	}
	_, err = statedict.Of(store)
	checkError(t, "two variables for one entry", err, "/backbone/both/", "both.weight")

	store = model.NewStore()
	store.VariableWithShape("/backbone/conv/weights", shapes.Make(dtypes.Float32, 1, 1, 1, 1), nil)
	_, err = statedict.Of(store)
	checkError(t, "a variable without value", err, "/backbone/conv/weights", "no value")
}
