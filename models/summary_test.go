package models_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// summary summarizes a registered model for the images that it was made for.
func summary(t *testing.T, name string) *models.Summary {
	t.Helper()
	m, err := models.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := models.Summarize(testkit.Backend(t), m.Backbone, m.ImageSize)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if s.Features != m.Features {
		t.Errorf("%s: %d features, but it declares %d", name, s.Features, m.Features)
	}
	return s
}

func TestSummaryCountsParametersAsPyTorchDoes(t *testing.T) {
	var golden struct {
		Cases []struct {
			Model      string
			Parameters int `json:"backbone_parameters"`
		}
	}
	testkit.Golden(t, "models.json", &golden)
	names := map[string]string{
		"densenet_bc_100": "densenet-bc-100", "resnet34": "resnet34",
		"wide_resnet_28_10": "wideresnet-28-10", "resnet18_imagenet": "resnet18-imagenet",
	}
	for _, c := range golden.Cases {
		if got := summary(t, names[c.Model]).Parameters; got != c.Parameters {
			t.Errorf("%s: %d parameters, want %d", c.Model, got, c.Parameters)
		}
	}
}

func TestSummaryCountsTheMultiplyAddsOfResNet8(t *testing.T) {
	want := 32*32*9*3*16 + // the first convolution: positions, taps, channels in and out
		2*32*32*9*16*16 +
		16*16*9*16*32 + 16*16*9*32*32 + 16*16*16*32 + // the last is the shortcut's
		8*8*9*32*64 + 8*8*9*64*64 + 8*8*32*64
	if got := summary(t, "resnet8").MultiplyAdds; got != want {
		t.Errorf("%d multiply-adds, want %d", got, want)
	}
}

// The published numbers are those of He et al. (Table 1 of arXiv 1512.03385 for ImageNet), Huang et al. and of common
// counters. WideResNet-28-10 is known for 5.24 G with the stride in a block's first convolution; here, as in the
// paper's code, it is in the second, so that the first works on four times the pixels in two of the blocks.
func TestSummaryAgreesWithPublishedMultiplyAdds(t *testing.T) {
	fullSize := 32*32*9*160*320 + 16*16*9*320*640
	for name, want := range map[string]float64{
		"resnet20":          40.8e6,
		"resnet34":          1.16e9,
		"densenet-bc-100":   0.29e9,
		"resnet18-imagenet": 1.814e9,
		"wideresnet-28-10":  5.24e9 + 0.75*float64(fullSize),
	} {
		if got := float64(summary(t, name).MultiplyAdds); math.Abs(got-want) > 0.01*want {
			t.Errorf("%s: %.4g multiply-adds, want %.4g within 1%%", name, got, want)
		}
	}
}

func TestSummaryListsLayersInOrder(t *testing.T) {
	want := []models.Layer{
		{"conv1", "convolution 7x7, stride 2", []int{112, 112, 64}, 7 * 7 * 3 * 64, 112 * 112 * 7 * 7 * 3 * 64},
		{"bn1", "batch normalization", []int{112, 112, 64}, 2 * 64, 0},
		{"", "pooling, stride 2", []int{56, 56, 64}, 0, 0},
		{"layer1/0/conv1", "convolution 3x3", []int{56, 56, 64}, 9 * 64 * 64, 56 * 56 * 9 * 64 * 64},
	}
	if got := summary(t, "resnet18-imagenet").Layers[:len(want)]; !reflect.DeepEqual(got, want) {
		t.Errorf("the first layers are\n%v, want\n%v", got, want)
	}
	biased := summary(t, "wideresnet-10-1").Layers[0]
	if want := 9*3*16 + 16; biased.Parameters != want {
		t.Errorf("a convolution with biases has %d parameters, want %d", biased.Parameters, want)
	}
}

func TestSummaryCountsMatrixProductsAndOtherVariables(t *testing.T) {
	backbone := func(scope *model.Scope, images *Node) *Node {
		x := layers.Dense(scope.In("first"), Reshape(images, 1, -1), true, 7)
		x = layers.Dense(scope.In("second"), x, false, 5)
		shift := scope.In("shift").VariableWithShape("values", shapes.Make(dtypes.Float32, 5))
		return Add(x, ExpandLeftToRank(shift.NodeValue(x.Graph()), 2))
	}
	got, err := models.Summarize(testkit.Backend(t), backbone, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := &models.Summary{Size: 4, Features: 5, Parameters: 48*7 + 7 + 7*5 + 5, MultiplyAdds: 48*7 + 7*5, Layers: []models.Layer{
		{"first/dense", "matrix product", []int{7}, 48*7 + 7, 48 * 7},
		{"second/dense", "matrix product", []int{5}, 7 * 5, 7 * 5},
		{Name: "shift", Kind: "variables", Parameters: 5},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSummaryPrintsATable(t *testing.T) {
	text := summary(t, "resnet34").String()
	for _, want := range []string{
		"layer2/0/conv1       conv 3x3, stride 2  16x16x128      73,728     18,874,368\n",
		"total                                    512        21,276,992  1,159,397,376\n",
		"21,276,992 parameters; 1.16 G multiply-adds and 512 features for 32x32 pixels\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table has no line %q:\n%s", want, text)
		}
	}
	for _, name := range models.Names() {
		for line := range strings.Lines(summary(t, name).String()) {
			if len(line) > 81 { // with its end
				t.Errorf("%s: a line of more than 80 characters: %q", name, line)
			}
		}
	}
}

func TestSummaryRefusesImagesThatAreTooSmall(t *testing.T) {
	for name, size := range map[string]int{"resnet8": 0, "densenet-bc-40": 2} {
		m, err := models.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Summarize(testkit.Backend(t), m.Backbone, size); err == nil || !strings.Contains(err.Error(), "pixels") {
			t.Errorf("%s for images of %d pixels: error %v, want one about the pixels", name, size, err)
		}
	}
}
