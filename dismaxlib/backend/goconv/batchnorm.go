package goconv

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/pkg/errors"
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
	n, err := f.normalization(operand, featureAxis)
	if err != nil {
		return nil, nil, nil, err
	}
	x := n.convert(operand, n.computed)
	mean = n.meanPerFeature(x)
	centred := n.sub(x, n.spread(mean))
	variance = n.meanPerFeature(n.mul(centred, centred))
	gain := n.div(n.convert(scale, n.computed), n.deviation(variance, epsilon))
	y := n.add(n.mul(centred, n.spread(gain)), n.spread(n.convert(offset, n.computed)))
	return n.convert(y, n.dtype), n.convert(mean, n.dtype), n.convert(variance, n.dtype), n.err
}

// BatchNormForInference implements compute.Function: y = (x - mean) · scale/√(variance + ε) + offset.
func (f *function) BatchNormForInference(
	operand, scale, offset, mean, variance compute.Value, epsilon float32, featureAxis int,
) (compute.Value, error) {
	n, err := f.normalization(operand, featureAxis)
	if err != nil {
		return nil, err
	}
	gain := n.div(n.convert(scale, n.computed), n.deviation(n.convert(variance, n.computed), epsilon))
	shift := n.sub(n.convert(offset, n.computed), n.mul(n.convert(mean, n.computed), gain))
	y := n.add(n.mul(n.convert(operand, n.computed), n.spread(gain)), n.spread(shift))
	return n.convert(y, n.dtype), n.err
}

// BatchNormGradient implements compute.Function. With m elements per feature, x̂ = (x - μ)/σ and σ = √(v + ε):
//
//	d offset = Σ dy    d scale = Σ dy·x̂    dx = scale/σ · (dy - (d offset + x̂ · d scale)/m).
func (f *function) BatchNormGradient(
	operand, scale, mean, variance, gradOutput compute.Value, epsilon float32, featureAxis int,
) (gradOperand, gradScale, gradOffset compute.Value, err error) {
	n, err := f.normalization(operand, featureAxis)
	if err != nil {
		return nil, nil, nil, err
	}
	x, dy := n.convert(operand, n.computed), n.convert(gradOutput, n.computed)
	// The same node as in the forward pass, which the inner backend computes once.
	centred := n.sub(x, n.spread(n.convert(mean, n.computed)))
	deviation := n.deviation(n.convert(variance, n.computed), epsilon)

	gradOffset = n.reduceSum(dy, n.axes...)
	gradScale = n.div(n.reduceSum(n.mul(dy, centred), n.axes...), deviation)

	// dx = gain·dy - slope·(x - μ) - level, each a vector per feature.
	gain := n.div(n.convert(scale, n.computed), deviation)
	perElement := n.mul(gain, n.scalar(n.computed, 1/n.count))
	slope := n.div(n.mul(perElement, gradScale), deviation)
	level := n.mul(perElement, gradOffset)
	gradOperand = n.sub(n.mul(dy, n.spread(gain)), n.add(n.mul(centred, n.spread(slope)), n.spread(level)))
	return n.convert(gradOperand, n.dtype), n.convert(gradScale, n.dtype), n.convert(gradOffset, n.dtype), n.err
}

// normalization checks the operand of a batch normalization.
func (f *function) normalization(operand compute.Value, featureAxis int) (*normalization, error) {
	n := &normalization{graph: &graph{inner: f.Function}}
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
