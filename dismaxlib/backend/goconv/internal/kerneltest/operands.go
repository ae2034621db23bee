package kerneltest

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// NeedKernels skips a test on processors without kernels of convolution.
func NeedKernels(tb testing.TB) {
	tb.Helper()
	if !direct.Available() {
		tb.Skip("this processor has neither AVX-512 nor AVX2")
	}
}

// Normal returns normally distributed numbers.
func Normal(random *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}

// Images returns random images x for a convolution.
func Images(random *rand.Rand, c direct.Convolution) []float32 { return Normal(random, ImagesLen(c)) }

// Kernel returns a random kernel w.
func Kernel(random *rand.Rand, c direct.Convolution) []float32 { return Normal(random, KernelLen(c)) }

// Results returns random results y, or gradients of them.
func Results(random *rand.Rand, c direct.Convolution) []float32 { return Normal(random, ResultsLen(c)) }

// InOrder is a [direct.Runner] that runs the tasks one after the other.
func InOrder(tasks int, task func(int)) {
	for i := range tasks {
		task(i)
	}
}

// AtOnce is a [direct.Runner] that runs each task on a goroutine of its own.
func AtOnce(tasks int, task func(int)) {
	var group sync.WaitGroup
	for i := range tasks {
		group.Go(func() { task(i) })
	}
	group.Wait()
}

// RelativeError is the largest difference over the largest magnitude.
func RelativeError(got []float32, want []float64) float64 {
	var difference, magnitude float64
	for i := range want {
		difference = max(difference, math.Abs(float64(got[i])-want[i]))
		magnitude = max(magnitude, math.Abs(want[i]))
	}
	return difference / max(magnitude, math.SmallestNonzeroFloat64)
}
