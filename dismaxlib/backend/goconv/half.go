package goconv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// inFloat32 computes an operation on operands of 16 bits in float32 and rounds what it makes, as accelerators do. The
// inner operations take numbers of 16 bits one by one.
func (f *function) inFloat32(
	operands []compute.Value, op func(wide []compute.Value) (compute.Value, error),
) (compute.Value, error) {
	g := &graph{inner: f}
	wide := slices.Clone(operands)
	for i := range wide {
		wide[i] = g.convert(wide[i], dtypes.Float32)
	}
	if g.err != nil {
		return nil, g.err
	}
	y, err := op(wide)
	if err != nil {
		return nil, err
	}
	y = g.convert(y, g.shape(operands[0]).DType)
	return y, g.err
}
