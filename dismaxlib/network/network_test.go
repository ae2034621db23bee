package network_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func description() network.Description {
	return network.Description{
		Model: "resnet8", Loss: "softmax", ClassNames: []string{"a", "b", "c"}, Height: 8, Width: 8,
		Mean: []float32{.5, .4, .3}, Std: []float32{.2, .3, .4}, DType: "bfloat16",
	}
}

func named(t *testing.T, d network.Description) *network.Network {
	t.Helper()
	n, err := d.Network()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// trained returns a store with the initial weights of the network.
func trained(t *testing.T, n *network.Network) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	images := tensors.FromFlatDataAndDimensions(make([]uint8, n.PixelBytes()), 1, n.Height, n.Width, n.Channels())
	if _, err := model.CallOnce(testkit.Backend(t), store, n.Logits, images); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestANetworkIsWhatItsDescriptionSays(t *testing.T) {
	n := named(t, description())
	if n.Classes() != 3 || n.Channels() != 3 || n.PixelBytes() != 192 || n.DType != dtypes.BFloat16 {
		t.Errorf("got %d classes, %d channels, %d bytes and %s", n.Classes(), n.Channels(), n.PixelBytes(), n.DType)
	}
	again, err := n.Describe()
	if err != nil || !reflect.DeepEqual(again, description()) {
		t.Errorf("described again: got %+v (%v), want %+v", again, err, description())
	}
}

func TestDescribeRefusesWhatAFileCannotName(t *testing.T) {
	n := named(t, description())
	for name, test := range map[string]struct {
		change func(n *network.Network)
		says   string
	}{
		"model": {func(n *network.Network) {
			n.Model = &models.Model{Name: "nobody's", Backbone: n.Model.Backbone}
		}, "models.Register"},
		"another of the name": {func(n *network.Network) {
			other := *n.Model
			n.Model = &other
		}, "another model is registered"},
		"loss": {func(n *network.Network) {
			n.Loss = &dismaxlib.Loss{Name: "nobody's", Head: n.Loss.Head}
		}, "RegisterLoss"},
	} {
		changed := *n
		test.change(&changed)
		if _, err := changed.Describe(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.says)
		}
	}
}

func TestNetworksThatCannotBeMeantAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(d *network.Description)
		says   string
	}{
		"model":     {func(d *network.Description) { d.Model = "none" }, "unknown model"},
		"loss":      {func(d *network.Description) { d.Loss = "none" }, "unknown loss"},
		"dtype":     {func(d *network.Description) { d.DType = "int7" }, "unknown dtype"},
		"classes":   {func(d *network.Description) { d.ClassNames = nil }, "0 class names"},
		"height":    {func(d *network.Description) { d.Height = 0 }, "8x0"},
		"pixels":    {func(d *network.Description) { d.Height, d.Width = 1<<15, 1<<15 }, "pixels in all"},
		"channels":  {func(d *network.Description) { d.Mean, d.Std = d.Mean[:2], d.Std[:2] }, "1 or 3"},
		"deviation": {func(d *network.Description) { d.Std = []float32{1, 0, 1} }, "channel 1"},
		"mean":      {func(d *network.Description) { d.Mean = []float32{1, 1, float32(math.NaN())} }, "channel 2"},
	} {
		d := description()
		test.change(&d)
		if _, err := d.Network(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.says)
		}
	}
	for _, empty := range []*network.Network{{}, {Model: named(t, description()).Model}} {
		if err := empty.Check(); err == nil {
			t.Errorf("%+v was accepted", empty)
		}
	}
	if _, err := (&network.Network{}).Predict(t.Context(), testkit.Backend(t), model.NewStore(), nil); err == nil {
		t.Error("an empty network predicted")
	}
}

func TestPredictRefusesWeightsThatDivideTheLogits(t *testing.T) {
	n := named(t, description())
	store := trained(t, n)
	if err := dismaxlib.SetTemperature(store, 0.5); err != nil {
		t.Fatal(err)
	}
	_, err := n.Predict(t.Context(), testkit.Backend(t), store, make([]uint8, n.PixelBytes()))
	if err == nil || !strings.Contains(err.Error(), "temperature 0.5") || !strings.Contains(err.Error(), "SetTemperature(store, 1)") {
		t.Errorf("got error %v, want one that names the temperature and the remedy", err)
	}
}

func TestGreyImagesHaveOneChannel(t *testing.T) {
	d := description()
	d.Mean, d.Std, d.DType = d.Mean[:1], d.Std[:1], ""
	n := named(t, d)
	outputs, err := n.Predict(t.Context(), testkit.Backend(t), trained(t, n), make([]uint8, 3*64))
	if err != nil || outputs.Logits.Shape().Dim(0) != 3 {
		t.Errorf("got %v (%v), want logits of 3 images", outputs, err)
	}
}

// A number in bfloat16 is off by up to 2^-9 = 0.2%, which adds up over the layers.
const bfloat16Logits = 3e-2

func TestABFloat16NetworkAnswersLikeOneOfFloat32(t *testing.T) {
	d := description()
	half := named(t, d)
	d.DType = ""
	single := named(t, d)
	store := trained(t, single)
	pixels := make([]uint8, 5*single.PixelBytes())
	for i := range pixels {
		pixels[i] = uint8(i * i)
	}
	logits := func(n *network.Network) []float64 {
		outputs, err := n.Predict(t.Context(), testkit.Backend(t), store, pixels)
		if err != nil {
			t.Fatal(err)
		}
		host, err := network.LogitsOf(outputs.Logits)
		if err != nil {
			t.Fatal(err)
		}
		return host.Values
	}
	got, want := logits(half), logits(single)
	testkit.CheckClose(t, "logits", got, want, bfloat16Logits)
	if reflect.DeepEqual(got, want) {
		t.Error("the logits are those of float32 to the bit: nothing was computed in bfloat16")
	}
}

func TestWeightsAreCopiedAndIdentified(t *testing.T) {
	d := description()
	d.DType = ""
	store := trained(t, named(t, d))
	if _, err := store.CreateVariable("/optimizers/velocity", tensors.FromScalar(float32(1))); err != nil {
		t.Fatal(err)
	}
	weights, err := network.Weights(store)
	if err != nil {
		t.Fatal(err)
	}
	if weights.GetVariable("/optimizers/velocity") != nil || weights.GetVariable("/head/weights") == nil {
		t.Error("want the network's variables and no others")
	}
	first, err := network.Checksum(store)
	if second, secondErr := network.Checksum(weights); err != nil || secondErr != nil || first != second || len(first) != 64 {
		t.Errorf("checksums: got %s (%v) and %s (%v), want the same", first, err, second, secondErr)
	}
	if got, want := network.Parameters(store), 77_000; got < want || got > 80_000 {
		t.Errorf("got %d parameters, want about %d", got, want)
	}
	w, b, err := network.LinearHead(weights)
	if err != nil || w.Shape().Dim(0) != 3 || b.Shape().Dim(0) != 3 {
		t.Errorf("linear head: got %v and %v (%v), want those of 3 classes", w, b, err)
	}
	bias := weights.GetVariable("/head/bias")
	if err := bias.SetValue(tensors.FromValue([]float32{0, float32(math.Inf(1)), 0})); err != nil {
		t.Fatal(err)
	}
	if err := network.CheckFinite(weights); err == nil || !strings.Contains(err.Error(), "/head/bias") {
		t.Errorf("an infinite weight: got %v, want an error that names it", err)
	}
	if third, err := network.Checksum(weights); err != nil || third == first {
		t.Errorf("checksum of changed weights: got %s (%v), want another", third, err)
	}
	d.Loss = "dismax"
	if w, b, err := network.LinearHead(trained(t, named(t, d))); w != nil || b != nil || err != nil {
		t.Errorf("linear head of DisMax: got %v, %v and %v, want none", w, b, err)
	}
}

func TestLogitsOfTakesBothPrecisions(t *testing.T) {
	for _, logits := range []*tensors.Tensor{tensors.FromValue([][]float32{{1, 2}}), tensors.FromValue([][]float64{{1, 2}})} {
		if got, err := network.LogitsOf(logits); err != nil || got.Classes != 2 || got.Values[1] != 2 {
			t.Errorf("%s: got %+v (%v)", logits.Shape(), got, err)
		}
	}
	for _, wrong := range []*tensors.Tensor{nil, tensors.FromValue([]float32{1}), tensors.FromValue([][]int32{{1}})} {
		if _, err := network.LogitsOf(wrong); err == nil {
			t.Errorf("%v was taken for logits", wrong)
		}
	}
}
