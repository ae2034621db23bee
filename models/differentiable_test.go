package models_test

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func TestADifferentiableBackboneComputesTheSameAndHasAGradient(t *testing.T) {
	for _, name := range []string{"resnet8", "densenet-bc-40", "wideresnet-10-1"} {
		m, err := models.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		store, image := model.NewStore(), make([]float32, 16*16*3)
		for i := range image {
			image[i] = float32(math.Sin(float64(i)))
		}
		input := tensors.FromFlatDataAndDimensions(image, 1, 16, 16, 3)
		run := func(build func(*model.Scope, *Node) *Node) []float32 {
			output, err := model.CallOnce(testkit.Backend(t), store, build, input)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return tensors.MustCopyFlatData[float32](output)
		}
		plain := run(m.Backbone)
		differentiable := run(func(scope *model.Scope, images *Node) *Node {
			models.Differentiable(images.Graph())
			return m.Backbone(scope, images)
		})
		testkit.CheckClose(t, name, float64s(differentiable), float64s(plain), 1e-5)
		gradient := run(func(scope *model.Scope, images *Node) *Node {
			models.Differentiable(images.Graph())
			return Gradient(ReduceAllSum(m.Backbone(scope, images)), images)[0]
		})
		largest := 0.0
		for _, value := range gradient {
			largest = max(largest, math.Abs(float64(value)))
		}
		if !(largest > 0) {
			t.Errorf("%s: the gradient with respect to the image is 0 everywhere", name)
		}
	}
}

func float64s(values []float32) []float64 {
	converted := make([]float64, len(values))
	for i, value := range values {
		converted[i] = float64(value)
	}
	return converted
}
