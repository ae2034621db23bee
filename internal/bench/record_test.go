package bench_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/bench"
)

func example() *bench.Record {
	return &bench.Record{
		Format:   bench.FormatVersion,
		Created:  time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Versions: record.Versions{Go: "go1.27.0", Compute: "v0.1.14", SIMD: true},
		Backend:  record.Backend{Name: "goconv", Device: "a processor, 2 cores", Cores: 2},
		Load:     0.25,
		Options:  bench.Options{Warmup: 3, Steps: 20, Inference: true, Seed: 1},
		Results: []bench.Result{{
			Case:       bench.Case{Model: "resnet20", Batch: 32, Loss: "dismax"},
			Parameters: 272465,
			Train:      bench.Timing{WallSeconds: 0.0854, CPUSeconds: 0.125, ImagesPerSecond: 374.7},
			Inference:  &bench.Timing{WallSeconds: 0.0204, CPUSeconds: 0.0322, ImagesPerSecond: 1568.6},
			PeakBytes:  159_748_096, FirstStepSeconds: 0.25, Losses: []float64{2.5, 2.25},
		}},
	}
}

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "bench.json")
	want := example()
	if err := bench.Write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := bench.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	for content, want := range map[string]string{
		"":              "not a bench record",
		"[1, 2]":        "not a bench record",
		`{"format": 9}`: "format 9",
		`{"epochs": 1}`: "format 0",
	} {
		if _, err := bench.Decode([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q in it", content, err, want)
		}
	}
	if _, err := bench.Read(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestMergeJoinsResultsOfTheSameProgram(t *testing.T) {
	first, second := example(), example()
	second.Results[0].Model = "resnet34"
	second.Load = 1.5
	merged, err := bench.Merge(first, second)
	if err != nil {
		t.Fatal(err)
	}
	if len(merged.Results) != 2 || merged.Results[1].Model != "resnet34" || merged.Load != first.Load {
		t.Errorf("got %+v, want both results and the first load", merged)
	}
	if len(first.Results) != 1 {
		t.Errorf("the merged record's first part has %d results now, want 1", len(first.Results))
	}
	second.Versions.SIMD = false
	if _, err := bench.Merge(first, second); err == nil || !strings.Contains(err.Error(), "resnet34:32") {
		t.Errorf("got error %v, want one that names the record of another program", err)
	}
	if _, err := bench.Merge(); err == nil {
		t.Error("nothing was merged without an error")
	}
}
