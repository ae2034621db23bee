package experiment

import (
	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// classifier is a backbone with a head. What a loss changes is in the loss alone: SoftMax and DisMax share all the rest.
type classifier struct {
	backbone      models.Backbone
	loss          *dismaxlib.Loss
	classes       int
	normalization datasets.Normalization
}

// logits builds the graph from uint8 images [batch, height, width, 3] to logits [batch, classes].
func (c *classifier) logits(scope *model.Scope, images *Node) *Node {
	x := normalize(images, c.normalization)
	x = c.loss.Images(scope, x)
	features := c.backbone(scope.In("backbone"), x)
	return c.loss.Head(scope, features, c.classes)
}

// normalize maps uint8 pixels to (pixel/255 - mean) / deviation, float32.
func normalize(images *Node, n datasets.Normalization) *Node {
	g := images.Graph()
	perChannel := func(values [3]float32) *Node { return Reshape(Const(g, values[:]), 1, 1, 1, 3) }
	x := DivScalar(ConvertDType(images, dtypes.Float32), 255)
	return Div(Sub(x, perChannel(n.Mean)), perChannel(n.Std))
}
