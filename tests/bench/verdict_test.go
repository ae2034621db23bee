package main

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/bench"
)

// rounds makes results whose training step takes the CPU seconds.
func rounds(peak int64, cpuSeconds ...float64) []bench.Result {
	var results []bench.Result
	for _, seconds := range cpuSeconds {
		results = append(results, bench.Result{
			Train:     bench.Timing{CPUSeconds: seconds, WallSeconds: 100},
			Inference: &bench.Timing{CPUSeconds: seconds / 4, WallSeconds: 100},
			PeakBytes: peak,
		})
	}
	return results
}

func exampleComparison() *comparison {
	timed := bar{model: "resnet34", batch: 4, cores: oneCore, ratio: 1.3}
	memory := bar{model: "resnet20", batch: 128, cores: allCores, bytes: 1400e6}
	return &comparison{Ours: &bench.Record{}, Torch: "1.13", Loss: "dismax", Cases: []compared{
		{bar: timed, Name: timed.name(), Ours: rounds(3e8, 1.1, 1.2, 9), Torch: rounds(4e8, 1, 1, 1),
			Ratios: []float64{1.1, 1.2, 9}},
		{bar: memory, Name: memory.name(), Ours: rounds(1.3e9, 1)},
	}}
}

func TestMedianRatioKeepsTheBar(t *testing.T) {
	var out strings.Builder
	if err := exampleComparison().print(&out); err != nil {
		t.Errorf("got error %v, want none:\n%s", err, out.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if got, want := lines[len(lines)-1], "ratios to PyTorch: resnet34:4 CPU 1.20 (<= 1.3)"; got != want {
		t.Errorf("last line %q, want %q", got, want)
	}
	for _, want := range []string{
		"resnet34:4 on one core CPU s 1.200 1.000 1.20 <= 1.3 0.300 0.250 1.20 300 400 -",
		"resnet20:128 on all cores wall s 100.0 - - - 100.0 - - 1300 - <= 1400",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

func TestMissedBarsAreNamedAndAnError(t *testing.T) {
	c := exampleComparison()
	c.Cases[0].Ratios = []float64{1.4, 1.2, 1.5}
	c.Cases[1].Ours[0].PeakBytes = 1_500_000_000
	var out strings.Builder
	if err := c.print(&out); err == nil {
		t.Error("got no error, want one")
	}
	for _, want := range []string{
		"MISSED: resnet34:4 on one core: 1.40 times PyTorch's CPU s, at most 1.3",
		"MISSED: resnet20:128 on all cores: 1500 MB of memory, at most 1400",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

func TestUnknownMemoryMissesItsBar(t *testing.T) {
	c := exampleComparison()
	c.Cases[1].Ours[0].PeakBytes = 0
	if err := c.print(&strings.Builder{}); err == nil {
		t.Error("got no error, want one")
	}
}
