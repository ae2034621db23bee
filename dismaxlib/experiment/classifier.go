package experiment

import (
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Classifier is a backbone with a head. What a loss changes is in the loss alone: SoftMax and DisMax share all the rest.
type Classifier struct {
	Model     *models.Model
	Loss      *dismaxlib.Loss
	Classes   int
	Mean, Std []float32 // of the images; see [datasets.Dataset]
	// DType is what the backbone computes in; see [models.MixedPrecision]. A detector with the same weights computes in
	// float32.
	DType dtypes.DType
}

// NewClassifier puts a registered model and a registered loss together, in float32.
func NewClassifier(modelName, lossName string, classes int, mean, std []float32) (*Classifier, error) {
	architecture, err := models.ByName(modelName)
	if err != nil {
		return nil, err
	}
	loss, err := dismaxlib.LossByName(lossName)
	if err != nil {
		return nil, err
	}
	return &Classifier{architecture, loss, classes, mean, std, dtypes.Float32}, nil
}

// Logits builds the graph from uint8 images [batch, height, width, 3] to logits [batch, classes].
func (c *Classifier) Logits(scope *model.Scope, images *Node) *Node {
	x := models.Normalize(images, c.Mean, c.Std)
	x = c.Loss.Images(scope, x)
	features := models.MixedPrecision(c.Model.Backbone, c.DType)(scope.In("backbone"), x)
	return c.Loss.Head(scope, features, c.Classes)
}

// Describe tells what the classifier is, with the number of its trainable parameters, which the store holds once a
// graph was built.
func (c *Classifier) Describe(store *model.Store) record.Model {
	m := record.Model{Name: c.Model.Name, Features: c.Model.Features, Classes: c.Classes}
	for variable := range store.IterVariables() {
		if variable.Trainable {
			m.Parameters += variable.Shape().Size()
		}
	}
	return m
}
