package goconv_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

// TestCopiesAreThoseOfTheInnerBackend slices and joins arrays that are large enough for kernels, and some that are not,
// and differentiates, which makes the one of the other.
func TestCopiesAreThoseOfTheInnerBackend(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	direct, inner := open(t, ""), open(t, "im2col")
	for range 60 {
		dimensions := []int{1 + random.IntN(4), 8 + random.IntN(9), 8 + random.IntN(9), 8 + random.IntN(40)}
		axis := random.IntN(4)
		ranges := make([]graph.SliceAxisSpec, 4)
		for a, size := range dimensions {
			ranges[a] = graph.AxisRange()
			if a == axis || random.IntN(3) == 0 {
				start := random.IntN(size)
				ranges[a] = graph.AxisRange(start, start+1+random.IntN(size-start))
			}
			if random.IntN(20) == 0 {
				ranges[a] = ranges[a].Stride(2)
			}
		}
		fn := func(x []*graph.Node) []*graph.Node {
			joined := graph.Concatenate(x, axis)
			part := graph.Slice(joined, ranges...)
			loss := graph.ReduceAllSum(graph.Mul(joined, graph.Square(joined)))
			return append([]*graph.Node{joined, part}, graph.Gradient(loss, x...)...)
		}
		other := append([]int(nil), dimensions...)
		other[axis] = 1 + random.IntN(40)
		x, y := randomTensor(random, graphShape(dimensions...)), randomTensor(random, graphShape(other...))
		got, want := call(t, direct, fn, x, y), call(t, inner, fn, x, y)
		for o := range want {
			checkSame(t, fmt.Sprintf("%v and %v along axis %d, output %d", dimensions, other, axis, o), got[o], want[o])
		}
	}
}

// BenchmarkSliceAndConcatenate takes the last 12 channels of 216 away and puts them back, by kernels and by the inner
// backend's operations.
func BenchmarkSliceAndConcatenate(b *testing.B) {
	image := graphShape(16, 32, 32, 216)
	for name, options := range map[string]string{"kernels": "", "inner": "im2col"} {
		b.Run(name, func(b *testing.B) {
			backend := open(b, options)
			builder := backend.Builder(name)
			main := builder.Main()
			x := must(main.Parameter("x", image, nil))
			first := must(main.Slice(x, []int{0, 0, 0, 0}, []int{16, 32, 32, 204}, nil))
			last := must(main.Slice(x, []int{0, 0, 0, 204}, image.Dimensions, nil))
			joined := must(main.Concatenate(3, first, last))
			corner := must(main.Slice(joined, []int{0, 0, 0, 0}, []int{1, 1, 1, 1}, nil))
			if err := main.Return([]compute.Value{corner}, nil); err != nil {
				b.Fatal(err)
			}
			executable := must(builder.Compile())
			input := must(backend.BufferFromFlatData(0, make([]float32, image.Size()), image))
			for b.Loop() {
				must(executable.Execute([]compute.Buffer{input}, nil, 0))
			}
		})
	}
}
