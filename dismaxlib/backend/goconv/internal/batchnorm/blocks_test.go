package batchnorm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// eachBlock divides [rows, features] into blocks of up to 8 rows of a few vectors, and visits them in random
// order.
func eachBlock(random *rand.Rand, rows, features int, visit func(firstRow, endRow, first, end int)) {
	var blocks [][4]int
	for firstRow := 0; firstRow < rows; {
		endRow := min(rows, firstRow+1+random.IntN(8))
		for first := 0; first < features; {
			end := min(features, first+lanes*(1+random.IntN(6)))
			blocks = append(blocks, [4]int{firstRow, endRow, first, end})
			first = end
		}
		firstRow = endRow
	}
	random.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	for _, b := range blocks {
		visit(b[0], b[1], b[2], b[3])
	}
}

func TestBlocksAreBitForBitTheWholeNormalization(t *testing.T) {
	skipWithoutVectors(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{{1, 16}, {7, 16}, {8, 32}, {13, 16}, {33, 48}, {40, 64}, {9, 80}, {65, 512}, {21, 8}, {30, 24}, {9, 72}} {
		for _, relu := range []bool{false, true} {
			for _, adds := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/relu=%t/adds=%t", shape, relu, adds), func(t *testing.T) {
					o := newOperands(shape[0], shape[1])
					o.Relu = relu
					o.x[0] = float32(math.NaN())
					for i := range o.Variance {
						o.Variance[i] = o.Scale[i] * o.Scale[i]
					}
					var residual []float32
					if adds {
						residual = o.dy
					}
					got, want := slices.Clone(o.x), make([]float32, len(o.x))
					o.Inference(want, o.x, residual, o.Parameters, kerneltest.InOrder)
					eachBlock(random, o.Rows, o.Features, o.Blocks(got, residual, o.Parameters).Normalize)
					for i := range want {
						if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
							t.Fatalf("number %d: got %v, want %v", i, got[i], want[i])
						}
					}
				})
			}
		}
	}
}

func TestOnlyFeaturesThatFillVectorsAreNormalizedInBlocks(t *testing.T) {
	for features, want := range map[int]bool{1: false, 8: true, 12: false, 16: true, 36: false, 40: true} {
		if n := (Normalization{Features: features}); n.InBlocks() != want {
			t.Errorf("%d features: got %t, want %t", features, n.InBlocks(), want)
		}
	}
}
