package goconv

import "github.com/gomlx/compute"

// FusedActivationVJP implements compute.Function. The gradient of a rectified linear unit is told by its result y as
// well as by its operand x, which the inner backend asks for and does not read. Without it x, a whole layer of
// activations, need not be kept until then.
func (f *function) FusedActivationVJP(
	y, x, gradient compute.Value, config compute.ActivationConfig,
) (compute.Value, error) {
	if config.Type == compute.ActivationRelu {
		x = y
	}
	return one(f.emit([]compute.Value{y, x, gradient},
		func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
			return listed(to.FusedActivationVJP(v[0], v[1], v[2], config))
		}))
}
