package goconv

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/pkg/errors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/batchnorm"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// normalization holds what the three batch normalization operations share: the operand's layout, in the dtype that is
// computed in (float64 for float64, else float32).
type normalization struct {
	*graph
	dtype, computed dtypes.DType
	axes            []int // all but the feature axis
	perFeature      []int // dimensions that make a vector of features broadcast against the operand
	features        int
	count           float64 // elements per feature
}

// BatchNormForTraining implements compute.Function. With μ and v the mean and the (biased) variance per feature,
//
//	y = (x - μ) · scale/√(v + ε) + offset.
func (f *function) BatchNormForTraining(
	operand, scale, offset compute.Value, epsilon float32, featureAxis int,
) (normalized, mean, variance compute.Value, err error) {
	lowered := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		n, err := newNormalization(to, v[0], featureAxis)
		if err != nil {
			return nil, err
		}
		x := n.convert(v[0], n.computed)
		mean := n.meanPerFeature(x)
		centred := n.sub(x, n.spread(mean))
		variance := n.meanPerFeature(n.mul(centred, centred))
		gain := n.div(n.convert(v[1], n.computed), n.deviation(variance, epsilon))
		y := n.add(n.mul(centred, n.spread(gain)), n.spread(n.convert(v[2], n.computed)))
		return n.results(y, mean, variance)
	}
	y, err := f.normalize([]compute.Value{operand, scale, offset}, epsilon, featureAxis, lowered, trainingNormalization)
	if err != nil {
		return nil, nil, nil, err
	}
	return y[0], y[1], y[2], nil
}

// BatchNormForInference implements compute.Function: y = (x - mean) · scale/√(variance + ε) + offset.
func (f *function) BatchNormForInference(
	operand, scale, offset, mean, variance compute.Value, epsilon float32, featureAxis int,
) (compute.Value, error) {
	lowered := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		n, err := newNormalization(to, v[0], featureAxis)
		if err != nil {
			return nil, err
		}
		// Not x · gain + (offset - mean · gain), in which large terms cancel where the deviation is small.
		centred := n.sub(n.convert(v[0], n.computed), n.spread(n.convert(v[3], n.computed)))
		gain := n.div(n.convert(v[1], n.computed), n.deviation(n.convert(v[4], n.computed), epsilon))
		return n.results(n.add(n.mul(centred, n.spread(gain)), n.spread(n.convert(v[2], n.computed))))
	}
	operands := []compute.Value{operand, scale, offset, mean, variance}
	return one(f.normalize(operands, epsilon, featureAxis, lowered, inferenceNormalization))
}

// BatchNormGradient implements compute.Function. With m elements per feature, x̂ = (x - μ)/σ and σ = √(v + ε):
//
//	d offset = Σ dy    d scale = Σ dy·x̂    dx = scale/σ · (dy - (d offset + x̂ · d scale)/m).
func (f *function) BatchNormGradient(
	operand, scale, mean, variance, gradOutput compute.Value, epsilon float32, featureAxis int,
) (gradOperand, gradScale, gradOffset compute.Value, err error) {
	lowered := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		n, err := newNormalization(to, v[0], featureAxis)
		if err != nil {
			return nil, err
		}
		x, dy := n.convert(v[0], n.computed), n.convert(v[4], n.computed)
		centred := n.sub(x, n.spread(n.convert(v[2], n.computed)))
		deviation := n.deviation(n.convert(v[3], n.computed), epsilon)

		gradOffset := n.reduceSum(dy, n.axes...)
		gradScale := n.div(n.reduceSum(n.mul(dy, centred), n.axes...), deviation)

		// dx = gain·dy - slope·(x - μ) - level, each a vector per feature.
		gain := n.div(n.convert(v[1], n.computed), deviation)
		perElement := n.mul(gain, n.scalar(n.computed, 1/n.count))
		slope := n.div(n.mul(perElement, gradScale), deviation)
		level := n.mul(perElement, gradOffset)
		dx := n.sub(n.mul(dy, n.spread(gain)), n.add(n.mul(centred, n.spread(slope)), n.spread(level)))
		return n.results(dx, gradScale, gradOffset)
	}
	operands := []compute.Value{operand, scale, mean, variance, gradOutput}
	y, err := f.normalize(operands, epsilon, featureAxis, lowered, gradientNormalization)
	if err != nil {
		return nil, nil, nil, err
	}
	return y[0], y[1], y[2], nil
}

// normalize emits a batch normalization, to be computed directly if its operand is float32 with the features last.
func (f *function) normalize(
	operands []compute.Value, epsilon float32, featureAxis int, lowered operator, kind normalizationKind,
) ([]compute.Value, error) {
	shape, err := f.Shape(operands[0])
	last := shape.Rank() - 1
	if err != nil || !batchnorm.Available() || f.builder.backend.options.im2col || shape.DType != dtypes.Float32 ||
		shape.IsDynamic() || featureAxis != last && featureAxis != -1 || shape.Size() == 0 {
		return f.emit(operands, lowered)
	}
	outputs, err := lowered(f.Function, operands)
	if err != nil {
		return nil, err
	}
	n := &directNormalization{kind: kind, Normalization: batchnorm.Normalization{
		Rows: shape.Size() / shape.Dim(last), Features: shape.Dim(last), Epsilon: epsilon,
	}}
	op := n.operation(operands, outputs)
	op.emit = lowered
	f.builder.record(op)
	return outputs, nil
}

// normalizationKind tells the three batch normalizations apart.
type normalizationKind uint8

const (
	trainingNormalization normalizationKind = iota
	inferenceNormalization
	gradientNormalization
)

// directNormalization is a batch normalization with a kernel, and what the kernel does along with it; see
// fuse_norm.go. Its operands are those of the operation of GoMLX, then the offset if it is the gradient of a rectified
// normalization, and then what is added.
type directNormalization struct {
	batchnorm.Normalization
	kind normalizationKind
	adds bool // the last operand, to y before it is rectified or to the gradient of x
}

// operation is the record of the normalization. Its first result may be written over the operand that is normalized,
// over the gradient of y and over what is added.
func (n *directNormalization) operation(operands, outputs []compute.Value) operation {
	over := []int{0}
	if n.kind == gradientNormalization {
		over = []int{4}
	}
	if n.adds {
		over = append(over, len(operands)-1)
	}
	inPlace := make([][]int, len(outputs))
	inPlace[0] = over
	return operation{inputs: operands, outputs: outputs, direct: n.compute, normalization: n, inPlace: inPlace}
}

func (n *directNormalization) compute(out, in [][]float32, _ int, run direct.Runner) {
	var addend []float32
	if n.adds {
		addend = in[len(in)-1]
	}
	switch n.kind {
	case trainingNormalization:
		p := batchnorm.Parameters{Scale: in[1], Offset: in[2], Mean: out[1], Variance: out[2]}
		n.Forward(out[0], in[0], addend, p, batchnorm.Runner(run))
	case inferenceNormalization:
		p := batchnorm.Parameters{Scale: in[1], Offset: in[2], Mean: in[3], Variance: in[4]}
		n.Inference(out[0], in[0], addend, p, batchnorm.Runner(run))
	case gradientNormalization:
		p := batchnorm.Parameters{Scale: in[1], Mean: in[2], Variance: in[3]}
		if n.Relu {
			p.Offset = in[5]
		}
		n.Gradient(out[0], out[1], out[2], in[0], in[4], addend, p, batchnorm.Runner(run))
	}
}

// results converts to the operand's dtype.
func (n *normalization) results(computed ...compute.Value) ([]compute.Value, error) {
	for i, value := range computed {
		computed[i] = n.convert(value, n.dtype)
	}
	return computed, n.err
}

// newNormalization checks the operand of a batch normalization.
func newNormalization(to compute.Function, operand compute.Value, featureAxis int) (*normalization, error) {
	n := &normalization{graph: &graph{inner: to}}
	shape := n.shape(operand)
	if n.err != nil {
		return nil, n.err
	}
	if featureAxis < 0 {
		featureAxis += shape.Rank()
	}
	switch {
	case shape.IsDynamic():
		return nil, errors.Wrapf(compute.ErrNotImplemented,
			"backend %q: batch normalization of the dynamic shape %s; give the batch a fixed size", Name, shape)
	case !shape.DType.IsFloat():
		return nil, errors.Errorf("backend %q: batch normalization of %s: want floating-point numbers", Name, shape)
	case featureAxis < 0 || featureAxis >= shape.Rank():
		return nil, errors.Errorf("backend %q: batch normalization of %s has no feature axis %d", Name, shape, featureAxis)
	}
	n.dtype, n.computed = shape.DType, dtypes.Float32
	if n.dtype == dtypes.Float64 {
		n.computed = dtypes.Float64
	}
	n.perFeature = make([]int, shape.Rank())
	for axis := range n.perFeature {
		n.perFeature[axis] = 1
		if axis != featureAxis {
			n.axes = append(n.axes, axis)
		}
	}
	n.features = shape.Dim(featureAxis)
	n.perFeature[featureAxis] = n.features
	n.count = float64(shape.Size()) / float64(max(n.features, 1))
	return n, nil
}

// spread gives a vector of features the rank of the operand.
func (n *normalization) spread(vector compute.Value) compute.Value {
	return n.reshape(vector, n.perFeature...)
}

func (n *normalization) meanPerFeature(x compute.Value) compute.Value {
	return n.mul(n.reduceSum(x, n.axes...), n.scalar(n.computed, 1/n.count))
}

// deviation is √(variance + ε).
func (n *normalization) deviation(variance compute.Value, epsilon float32) compute.Value {
	return n.sqrt(n.add(variance, n.scalar(n.computed, float64(epsilon))))
}
