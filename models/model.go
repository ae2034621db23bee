package models

import (
	"github.com/dismax-go/dismax/internal/registry"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Backbone builds the graph from normalized images, float [batch, height, width, 3], to features [batch, Features].
// It creates its variables in the given scope, and uses batch statistics where scope.IsTraining says so. Variables and
// features are float32 for images of float32, or see [MixedPrecision], and float64 for images of float64.
// Like all graph-building code it panics on errors.
type Backbone func(scope *model.Scope, images *graph.Node) *graph.Node

// Model is a named backbone.
type Model struct {
	Name      string // as on the command line
	Title     string // as in a table
	ImageSize int    // height and width of the images that it was made for, in pixels
	Features  int    // size of the feature vector
	Backbone  Backbone
}

var registered = registry.New[*Model]("model")

// Register makes a model known by its name. It panics if the model is nil or has no Backbone, or if its name is empty or
// taken.
func Register(m *Model) {
	if m == nil {
		Panicf("models.Register: the model is nil")
	}
	if m.Backbone == nil {
		Panicf("models.Register: the model %q has no Backbone", m.Name)
	}
	registered.Register(m.Name, m)
}

// ByName finds a registered model; the error of an unknown name lists the known ones.
func ByName(name string) (*Model, error) { return registered.ByName(name) }

// Names lists the registered models.
func Names() []string { return registered.Names() }

func init() {
	Register(&Model{"resnet8", "ResNet-8", 32, 64, ResNet(16, 1, 1, 1)})
	Register(&Model{"resnet20", "ResNet-20", 32, 64, ResNet(16, 3, 3, 3)})
	Register(&Model{"resnet34", "ResNet-34", 32, 512, ResNet(64, 3, 4, 6, 3)})
	Register(&Model{"densenet-bc-40", "DenseNet-BC-40", 32, 132, DenseNetBC(40, 12)})
	Register(&Model{"densenet-bc-100", "DenseNet-BC-100", 32, 342, DenseNetBC(100, 12)})
	Register(&Model{"wideresnet-10-1", "WideResNet-10-1", 32, 64, WideResNet(10, 1)})
	Register(&Model{"wideresnet-28-10", "WideResNet-28-10", 32, 640, WideResNet(28, 10)})
	Register(&Model{"resnet18-imagenet", "ResNet-18", 224, 512, ImageNetResNet(64, 2, 2, 2, 2)})
}
