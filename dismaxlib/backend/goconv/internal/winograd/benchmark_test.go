//go:build unix

package winograd

import (
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// BenchmarkConvolution compares with the direct kernels on one goroutine. It reports the time of the processor, which
// other processes disturb less than the clock's: run it with GOMAXPROCS=1, pinned to a core. GFLOP/s count the
// multiplications of the direct kernels.
func BenchmarkConvolution(b *testing.B) {
	kerneltest.NeedKernels(b)
	random := rand.New(rand.NewPCG(7, 8))
	for _, c := range []direct.Convolution{
		square(32, 32, 16, 16), square(32, 16, 32, 32), square(32, 8, 64, 64), // ResNet-20
		square(16, 32, 64, 64), square(16, 16, 128, 128), square(16, 8, 256, 256), square(16, 4, 512, 512), // ResNet-34
		square(4, 32, 160, 160), square(4, 16, 320, 320), square(4, 8, 640, 640), // WideResNet-28-10
		square(16, 32, 48, 12), square(16, 16, 48, 12), square(16, 8, 48, 12), // DenseNet-BC-100
		square(1, 4, 512, 512), square(4, 4, 512, 512), square(8, 4, 512, 512), square(1, 8, 256, 256), // few tiles
		square(1, 32, 64, 64), square(4, 8, 64, 64),
		square(16, 16, 48, 48), square(16, 16, 64, 16), square(16, 16, 32, 64), square(16, 16, 128, 32), // narrow
		square(16, 7, 64, 64), square(16, 5, 64, 64), // tiles beyond the border
	} {
		x, w, y := kerneltest.Images(random, c), kerneltest.Kernel(random, c), make([]float32, kerneltest.ResultsLen(c))
		dy, dx := kerneltest.Results(random, c), make([]float32, kerneltest.ImagesLen(c))
		back := c
		back.In, back.Out = c.Out, c.In
		back = kerneltest.Reversed(back)
		dw := make([]float32, kerneltest.KernelLen(c))
		forward, backward, gradient := NewForward(c), NewForward(back), NewKernelGradient(c)
		plain, plainBackward, plainGradient := direct.NewForward(c), direct.NewForward(back), direct.NewKernelGradient(c)
		for _, bench := range []struct {
			name string
			run  func()
		}{
			{"Forward/Winograd", func() { forward.Run(y, x, w, 1, kerneltest.InOrder) }},
			{"Forward/Direct", func() { plain.Run(y, x, w, 1, kerneltest.InOrder) }},
			{"InputGradient/Winograd", func() { backward.Run(dx, dy, w, 1, kerneltest.InOrder) }},
			{"InputGradient/Direct", func() { plainBackward.Run(dx, dy, w, 1, kerneltest.InOrder) }},
			{"KernelGradient/Winograd", func() { gradient.Run(dw, x, dy, 1, kerneltest.InOrder) }},
			{"KernelGradient/Direct", func() { plainGradient.Run(dw, x, dy, 1, kerneltest.InOrder) }},
		} {
			b.Run(kerneltest.Name(c)+"/"+bench.name, func(b *testing.B) {
				bench.run() // allocates working memory
				begun := processorTime(b)
				for b.Loop() {
					bench.run()
				}
				each := (processorTime(b) - begun) / time.Duration(b.N)
				b.ReportMetric(float64(each), "cpu-ns/op")
				b.ReportMetric(2*9*float64(kerneltest.ResultsLen(c))*float64(c.In)/float64(each), "GFLOP/s")
			})
		}
	}
}

// processorTime is how long this process has been running on processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
