package bench_test

import (
	"fmt"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/tests/testkit"
)

// BenchmarkCompileWideResNet measures what comes before the training of the largest model: building and compiling the
// graph of a step with the DisMax loss and SGD, and drawing the initial weights. It is the first step's time less that
// of a later one. On two cores of a Xeon it takes 2 to 3 s.
func BenchmarkCompileWideResNet(b *testing.B) {
	for _, batch := range []int{4, 64} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			seconds := 0.0
			for b.Loop() {
				r, err := bench.Measure(b.Context(), testkit.Backend(b), backend.Choice{},
					bench.Case{Model: "wideresnet-28-10", Batch: batch, Loss: "dismax"}, bench.Options{Warmup: 1, Steps: 1})
				if err != nil {
					b.Fatal(err)
				}
				seconds += r.Results[0].FirstStepSeconds - r.Results[0].Train.WallSeconds
			}
			b.ReportMetric(seconds/float64(b.N), "s/compilation")
			b.ReportMetric(0, "ns/op") // steps included
		})
	}
}
