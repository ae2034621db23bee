package goconv

import (
	"slices"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/elementwise"
)

// FusedActivation implements compute.Function.
func (f *function) FusedActivation(x compute.Value, config compute.ActivationConfig) (compute.Value, error) {
	kind := elementwise.None
	if config.Type == compute.ActivationRelu {
		kind = elementwise.Relu
	}
	return one(f.emitElementwise(kind, []compute.Value{x},
		func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
			return listed(to.FusedActivation(v[0], config))
		}))
}

// FusedActivationVJP implements compute.Function. The gradient of a rectified linear unit is told by its result y as
// well as by its operand x, which the inner backend asks for and does not read. Without it x, a whole layer of
// activations, need not be kept until then.
func (f *function) FusedActivationVJP(
	y, x, gradient compute.Value, config compute.ActivationConfig,
) (compute.Value, error) {
	kind := elementwise.None
	if config.Type == compute.ActivationRelu {
		kind, x = elementwise.ReluGradient, y
	}
	return one(f.emitElementwise(kind, []compute.Value{y, x, gradient},
		func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
			return listed(to.FusedActivationVJP(v[0], v[1], v[2], config))
		}))
}

// FusedDense implements compute.Function. Layers of 16 bits with an activation are computed in float32, because the inner
// backend would run the activation over memory that is no buffer and has no slack; see package slack.
func (f *function) FusedDense(
	x, weight, bias compute.Value, config compute.DenseConfig,
) (compute.Value, error) {
	shape, err := f.Shape(x)
	if err == nil && shape.DType.IsHalfPrecision() && config.Activation.Type != compute.ActivationNone {
		operands := slices.DeleteFunc([]compute.Value{x, weight, bias}, func(v compute.Value) bool { return v == nil })
		return f.inFloat32(operands, func(wide []compute.Value) (compute.Value, error) {
			return f.FusedDense(wide[0], wide[1], append(wide, nil)[2], config)
		})
	}
	return one(f.emit([]compute.Value{x, weight, bias},
		func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
			return listed(to.FusedDense(v[0], v[1], v[2], config))
		}))
}
