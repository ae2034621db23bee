package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

// measured is a measurement of the engine whose training step takes the seconds.
func measured(engine, model string, batch, round int, seconds float64, peak int64) measurement {
	c := bench.Case{Model: model, Batch: batch, Loss: "dismax"}
	return measurement{
		job:    job{Case: c, Precision: "float32", Round: round, Warmup: warmup, Steps: 5},
		Engine: engine, Versions: engine + " 1.2", Started: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Result: &bench.Result{
			Case: c, Parameters: 100, FirstStepSeconds: 10 * seconds, PeakBytes: peak,
			Train:     bench.Timing{WallSeconds: seconds, CPUSeconds: 2 * seconds},
			Inference: &bench.Timing{WallSeconds: seconds / 4, CPUSeconds: seconds / 2},
		},
	}
}

// failed is a measurement that has no result.
func failed(engine, model string, batch, round int) measurement {
	m := measured(engine, model, batch, round, 1, 0)
	m.Result, m.Failure = nil, "out of luck"
	return m
}

// exampleComparison is two rounds of two networks.
func exampleComparison() *comparison {
	start := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	c := &comparison{
		Format: formatVersion, Machine: machine{Processor: "a processor, 2 cores", Instructions: []string{"fma", "avx2"}},
		Sessions: []session{{Started: start, Ended: start.Add(time.Hour), LoadBefore: 0.25, LoadAfter: 1.5}},
	}
	for round, slower := range map[int]float64{1: 1, 2: 1.1} {
		for _, m := range []measurement{
			measured("torch", "resnet20", 32, round, 0.1*slower, 3e8),
			measured("torch-compile", "resnet20", 32, round, 0.08*slower, 5e8),
			measured("goconv", "resnet20", 32, round, 0.12*slower, 2e8),
			measured("jax", "resnet34", 16, round, 1*slower, 1e9),
			measured(jaxlibPlugin, "resnet34", 16, round, 1.05*slower, 1e9),
			failed("torch", "resnet34", 16, round),
		} {
			c.add(m)
		}
	}
	return c
}

func TestRecordIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "bench.json")
	want := exampleComparison()
	if err := want.write(path); err != nil {
		t.Fatal(err)
	}
	got, err := resume(path, want.Machine)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRecordsOfOtherMachinesAndOtherFilesAreRefused(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, content any) string {
		text, isText := content.(string)
		if !isText {
			encoded, err := json.Marshal(content)
			if err != nil {
				t.Fatal(err)
			}
			text = string(encoded)
		}
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	here := machine{Processor: "mine"}
	for name, test := range map[string]struct {
		content any
		want    string
	}{
		"other machine": {comparison{Format: formatVersion, Machine: machine{Processor: "yours"}}, "another --out"},
		"other GPU":     {comparison{Format: formatVersion, Machine: machine{"mine", nil, "big"}}, "another --out"},
		"other format":  {`{"format": 9}`, "format 9"},
		"no record":     {"[1, 2]", "not the record of a comparison"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := resume(file(name, test.content), here)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
	begun, err := resume(filepath.Join(folder, "none.json"), here)
	if err != nil || len(begun.Measurements) != 0 || begun.Machine.Processor != "mine" {
		t.Errorf("got %+v and error %v, want a new record of this machine", begun, err)
	}
}

func TestAFailedMeasurementMakesRoomForTheNext(t *testing.T) {
	c := &comparison{}
	c.add(failed("goconv", "resnet20", 32, 1))
	done := measured("goconv", "resnet20", 32, 1, 0.1, 1e8)
	if c.has("goconv", done.job) {
		t.Error("a failure counts as measured")
	}
	c.add(done)
	if len(c.Measurements) != 1 || !c.has("goconv", done.job) {
		t.Errorf("got %+v, want the second measurement alone", c.Measurements)
	}
	longer := done.job
	longer.Steps++
	if c.has("goconv", longer) {
		t.Error("a measurement of fewer steps counts as one of more")
	}
}
