//go:build unix

package batchnorm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestNormalizationsStayInsideTheirOperands(t *testing.T) {
	skipWithoutVectors(t)
	for _, features := range []int{1, 3, 8, 12, 20, 72} {
		for _, rows := range []int{1, 5, 8, 100} {
			n := Normalization{Rows: rows, Features: features, Epsilon: 1e-5, Relu: true}
			floats := func(n int) []float32 { return fence.Floats(t, make([]float32, n)) }
			x, y, dx, dy := floats(rows*features), floats(rows*features), floats(rows*features), floats(rows*features)
			p := Parameters{
				Scale: floats(features), Offset: floats(features), Mean: floats(features), Variance: floats(features),
			}
			dscale, doffset := floats(features), floats(features)
			fence.Inside(t, fmt.Sprintf("%d rows of %d features", rows, features), func() {
				n.Forward(y, x, dy, p, kerneltest.InOrder)
				n.Inference(y, x, dy, p, kerneltest.InOrder)
				n.Gradient(dx, dscale, doffset, x, dy, y, p, kerneltest.InOrder)
			})
		}
	}
}

func TestBlocksStayInsideTheirOperands(t *testing.T) {
	skipWithoutVectors(t)
	random := rand.New(rand.NewPCG(3, 4))
	for _, features := range []int{16, 48, 80} {
		for _, rows := range []int{1, 5, 8, 100} {
			n := Normalization{Rows: rows, Features: features, Epsilon: 1e-5, Relu: true}
			floats := func(n int) []float32 { return fence.Floats(t, make([]float32, n)) }
			p := Parameters{
				Scale: floats(features), Offset: floats(features), Mean: floats(features), Variance: floats(features),
			}
			blocks := n.Blocks(floats(rows*features), floats(rows*features), p)
			fence.Inside(t, fmt.Sprintf("%d rows of %d features", rows, features), func() {
				eachBlock(random, rows, features, blocks.Normalize)
			})
		}
	}
}
