package bench_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/bench"
)

func TestTableShowsTimesSpeedMemoryAndConditions(t *testing.T) {
	r := example()
	slow := r.Results[0]
	slow.Model, slow.Batch, slow.Inference, slow.PeakBytes = "wideresnet-28-10", 4, nil, 0
	slow.Train = bench.Timing{WallSeconds: 12.34, ImagesPerSecond: 0.3241}
	r.Results = append(r.Results, slow)
	var out strings.Builder
	if err := bench.WriteTable(&out, r); err != nil {
		t.Fatal(err)
	}
	want := `MODEL:BATCH         LOSS    STEP       SECONDS    CPU s  IMAGES/s      MB
resnet20:32         dismax  training    0.0854    0.125     374.7     160
                            inference   0.0204   0.0322      1569
wideresnet-28-10:4  dismax  training      12.3        ?    0.3241       ?

medians of 20 steps after 3, and the peak of memory; backend goconv, a
processor, 2 cores, load 0.25; go1.27.0 with SIMD, compute v0.1.14
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSecondsKeepThreeDigitsOrTenthsOfMilliseconds(t *testing.T) {
	for value, want := range map[float64]string{0.00123: "0.0012", 0.0999: "0.0999", 0.1234: "0.123", 12.345: "12.3"} {
		if got := bench.Seconds(value); got != want {
			t.Errorf("Seconds(%g) = %s, want %s", value, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := bench.Median(test.values); got != test.want {
			t.Errorf("Median(%v) = %g, want %g", test.values, got, test.want)
		}
	}
}
