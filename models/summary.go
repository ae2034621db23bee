package models

import (
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Summary says what a backbone is made of and what it costs, for one image. Its String is a table.
type Summary struct {
	Size       int     // height and width of the image, in pixels
	Layers     []Layer // in the order of the graph
	Features   int     // size of the feature vector
	Parameters int     // trainable numbers; running statistics are none
	// MultiplyAdds counts one for each product of a weight and an activation in convolutions and matrix products.
	// Normalizations, activations, pooling and additions are not counted, as usual: they are a few percent.
	MultiplyAdds int
}

// Layer is one line of a [Summary].
type Layer struct {
	Name         string // scope of its variables below the backbone's, as "layer1/0/conv1"; empty if it has none
	Kind         string // "convolution 3x3, stride 2", "batch normalization", …
	Output       []int  // dimensions of what it makes of the image: [height, width, channels]
	Parameters   int    // trainable
	MultiplyAdds int
}

// Summarize describes a backbone for an image of size x size pixels. It builds the evaluation graph, which it neither
// compiles nor executes, so that any backend will do that has the operations of the backbone.
//
// Listed are convolutions, products with a matrix of weights, batch normalizations, pooling, and the scopes of
// variables that belong to none of these. The products of two activations, as in attention, are not.
func Summarize(backend compute.Backend, backbone Backbone, size int) (*Summary, error) {
	if size < 1 {
		return nil, fmt.Errorf("summarizing a model for images of %d pixels: at least 1 is needed", size)
	}
	g := NewGraph(backend, "summary")
	defer g.Finalize()
	s := &summarizer{store: model.NewStore(), listed: map[string]bool{}, Summary: &Summary{Size: size}}
	initial.ShapesOnly(s.store)
	err := exceptions.TryCatch[error](func() {
		images := Parameter(g, "images", shapes.Make(dtypes.Float32, 1, size, size, 3))
		s.walk(backbone(s.store.RootScope(), images))
	})
	if err != nil {
		return nil, fmt.Errorf("summarizing a model for images of %dx%d pixels: %w", size, size, err)
	}
	return s.Summary, nil
}

// summarizer makes a summary of a graph.
type summarizer struct {
	*Summary
	store  *model.Store
	listed map[string]bool // scopes whose parameters a layer has
}

// walk lists all that the features, [1, features], depend on.
func (s *summarizer) walk(features *Node) {
	used := map[*Node]bool{}
	markUsed(features, used)
	for _, node := range features.Graph().Nodes() {
		if used[node] {
			s.add(node)
		}
	}
	for variable := range s.store.IterVariables() {
		if scope := path.Dir(variable.Path()); variable.Trainable && !s.listed[scope] {
			s.list(scope, Layer{Kind: "variables"})
		}
	}
	s.Features = features.Shape().Dim(-1)
}

// markUsed marks the node and what it depends on.
func markUsed(node *Node, used map[*Node]bool) {
	if used[node] {
		return
	}
	used[node] = true
	for _, input := range node.Inputs() {
		markUsed(input, used)
	}
}

// add lists a node if it is a layer.
func (s *summarizer) add(node *Node) {
	switch node.Type() {
	case NodeTypeConvGeneral:
		s.addConvolution(node)
	case NodeTypeDotGeneral, NodeTypeFusedDense:
		s.addProduct(node)
	case NodeTypeBatchNormForInference:
		s.list(scopeOf(node.Inputs()[1]), Layer{Kind: "batch normalization", Output: dimensions(node)})
	case NodeTypeReduceWindow:
		s.list("", Layer{Kind: "pooling" + shrinkage(node), Output: dimensions(node)})
	}
}

// addConvolution lists a convolution of [1, spatial..., in] by a kernel [spatial..., in, out].
func (s *summarizer) addConvolution(node *Node) {
	kernel := node.Inputs()[1]
	taps := kernel.Shape().Dimensions[:kernel.Rank()-2]
	out := kernel.Shape().Dim(-1)
	s.list(scopeOf(kernel), Layer{
		Kind:         "convolution " + joined(taps) + shrinkage(node),
		Output:       dimensions(node),
		MultiplyAdds: node.Shape().Size() * (kernel.Shape().Size() / out),
	})
}

// addProduct lists the product of activations and a matrix of weights, [..., k] x [k, n]. The sizes of the two and of
// the result multiply to the square of rows*k*n.
func (s *summarizer) addProduct(node *Node) {
	x, weights := node.Inputs()[0], node.Inputs()[1]
	scope := scopeOf(weights)
	if scope == "" {
		return
	}
	square := float64(x.Shape().Size()) * float64(weights.Shape().Size()) * float64(node.Shape().Size())
	s.list(scope, Layer{
		Kind:         "matrix product",
		Output:       dimensions(node),
		MultiplyAdds: int(math.Round(math.Sqrt(square))),
	})
}

// list appends a layer, with the parameters of its scope if it is the first there.
func (s *summarizer) list(scope string, layer Layer) {
	layer.Name = strings.TrimPrefix(scope, model.ScopeSeparator)
	if scope != "" && !s.listed[scope] {
		s.listed[scope] = true
		for variable := range s.store.IterVariables() {
			if variable.Trainable && path.Dir(variable.Path()) == scope {
				layer.Parameters += variable.Shape().Size()
			}
		}
	}
	s.Parameters += layer.Parameters
	s.MultiplyAdds += layer.MultiplyAdds
	s.Layers = append(s.Layers, layer)
}

// scopeOf returns the scope of the variable that a node is, converted or reshaped perhaps; empty if it is none.
func scopeOf(node *Node) string {
	for node.Type() != NodeTypeParameter {
		if len(node.Inputs()) != 1 {
			return ""
		}
		node = node.Inputs()[0]
	}
	if name := node.GetParameterName(); strings.HasPrefix(name, model.ScopeSeparator) {
		return path.Dir(name)
	}
	return ""
}

// shrinkage is ", stride 2" for a node that halves the height of the image, and empty if it keeps it.
func shrinkage(node *Node) string {
	from, to := node.Inputs()[0].Shape().Dim(1), node.Shape().Dim(1)
	if stride := (from + to - 1) / to; stride > 1 {
		return fmt.Sprintf(", stride %d", stride)
	}
	return ""
}

// dimensions are those of a node without the batch.
func dimensions(node *Node) []int { return node.Shape().Dimensions[1:] }
