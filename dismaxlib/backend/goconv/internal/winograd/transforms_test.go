package winograd

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// transform is a vector kernel beside its plain form: both write `written` floats for so many channels from `read`.
type transform struct {
	name          string
	read, written func(channels int) int
	vector, plain func(to, from []float32, channels int)
}

const gap = 24 // from plane to plane, beyond the channels

func transforms() []transform {
	tile := func(channels int) int { return 15*(channels+gap) + channels }
	square := func(side int) func(int) int {
		return func(channels int) int { return (side-1)*(side*channels+gap) + side*channels }
	}
	taps := func(channels int) int { return 8*(channels+gap) + channels }
	steps := func(channels int) weightSteps {
		return weightSteps{3 * (channels + gap), channels + gap, 9 * (channels + gap)}
	}
	return []transform{
		{"pixels", square(4), tile,
			func(to, from []float32, n int) { pixelTransform(to, n+gap, from, 4*n+gap, n) },
			func(to, from []float32, n int) { plainPixels(to, n+gap, from, 4*n+gap, n, 0) }},
		{"results", tile, square(2),
			func(to, from []float32, n int) { resultTransform(to, 2*n+gap, from, n+gap, n) },
			func(to, from []float32, n int) { plainResults(to, 2*n+gap, from, n+gap, n, 0) }},
		{"gradients", square(2), tile,
			func(to, from []float32, n int) { gradientTransform(to, n+gap, from, 2*n+gap, n) },
			func(to, from []float32, n int) { plainGradients(to, n+gap, from, 2*n+gap, n, 0) }},
		{"weights", func(n int) int { return taps(n) + 2*(n+gap)*9 }, func(n int) int { return 15*(3*n+gap) + 3*n },
			func(to, from []float32, n int) { weightTransform(to, 3*n+gap, from, steps(n), 3, n) },
			func(to, from []float32, n int) { plainWeights(to, 3*n+gap, from, steps(n), 3, n, 0) }},
		{"kernel", tile, taps,
			func(to, from []float32, n int) { kernelTransform(to, 3*(n+gap), n+gap, from, n+gap, n) },
			func(to, from []float32, n int) { plainKernel(to, 3*(n+gap), n+gap, from, n+gap, n, 0) }},
		{"add", func(n int) int { return n }, func(n int) int { return n },
			func(to, from []float32, n int) { add(to, from) },
			func(to, from []float32, n int) { plainAdd(to, from, 0) }},
	}
}

func TestVectorTransformsEqualThePlainOnes(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(11, 12))
	for _, transform := range transforms() {
		for _, channels := range []int{1, 7, 8, 9, 16, 45} {
			from := kerneltest.Normal(random, transform.read(channels))
			got := kerneltest.Normal(random, transform.written(channels))
			want := slices.Clone(got)
			transform.vector(got, from, channels)
			transform.plain(want, from, channels)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %d channels: got %v, want %v", transform.name, channels, got, want)
			}
		}
	}
}
