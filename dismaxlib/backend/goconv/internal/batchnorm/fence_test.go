//go:build unix

package batchnorm

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

func TestNormalizationsStayInsideTheirOperands(t *testing.T) {
	if !Available() {
		t.Skip("this build or processor has no vectors")
	}
	inOrder := func(tasks int, task func(int)) {
		for i := range tasks {
			task(i)
		}
	}
	for _, features := range []int{1, 3, 8, 12, 20} {
		for _, rows := range []int{1, 5, 8, 100} {
			n := Normalization{Rows: rows, Features: features, Epsilon: 1e-5}
			floats := func(n int) []float32 { return fence.Floats(t, make([]float32, n)) }
			x, y, dx, dy := floats(rows*features), floats(rows*features), floats(rows*features), floats(rows*features)
			var v [6][]float32
			for i := range v {
				v[i] = floats(features)
			}
			scale, offset, mean, variance, dscale, doffset := v[0], v[1], v[2], v[3], v[4], v[5]
			problem := fence.Check(func() {
				n.Forward(y, mean, variance, x, scale, offset, inOrder)
				n.Inference(y, x, scale, offset, mean, variance, inOrder)
				n.Gradient(dx, dscale, doffset, x, scale, mean, variance, dy, inOrder)
			})
			if problem != nil {
				t.Errorf("%d rows of %d features: got %v, want no access past an end", rows, features, problem)
			}
		}
	}
}
