package experiment_test

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestTwoRunsOfOneSpecAreTheSameBitForBit(t *testing.T) {
	_, was := smallRun(t, "own", record.HeldOut)
	_, is := smallRun(t, "own", record.HeldOut)
	c, err := experiment.Compare(was, is)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Results) != 0 || len(c.Circumstances) != 0 || c.Compared < 100 || c.Reason() != "" {
		t.Errorf("%d of %d results differ: %v, and %v", len(c.Results), c.Compared, c.Results, c.Circumstances)
	}
}

func TestCompareNamesWhatDiffersAndHowMuch(t *testing.T) {
	record2 := func(change func(*record.Record)) *record.Record {
		r := &record.Record{Epochs: make([]record.Epoch, 12), Outputs: []record.Outputs{{Set: "test"}}}
		r.Epochs[10].Validation = &record.Validation{Loss: 1}
		change(r)
		return r
	}
	was := record2(func(*record.Record) {})
	for name, test := range map[string]struct {
		change        func(*record.Record)
		result        string
		size          float64
		circumstances string
		reason        string
	}{
		"times and names of files": {change: func(r *record.Record) {
			r.TrainSeconds, r.Resumed, r.Epochs[1].Seconds, r.Backend.Cores = 3, 1, 2, 9
			r.Outputs[0].Logits.Name = "logits/test-1.npy"
		}},
		"a loss":             {change: func(r *record.Record) { r.Epochs[10].Loss = 0.5 }, result: "epochs[10].loss", size: 0.5},
		"no validation":      {change: func(r *record.Record) { r.Epochs[10].Validation = nil }, result: "epochs[10].validation.loss", size: math.NaN()},
		"other logits":       {change: func(r *record.Record) { r.Outputs[0].Logits.SHA256 = "ab" }, result: "outputs[0].logits.sha256", size: math.NaN()},
		"other weights":      {change: func(r *record.Record) { r.Model.WeightsSHA256 = "ab" }, result: "model.weights_sha256", size: math.NaN()},
		"an instruction set": {change: func(r *record.Record) { r.Backend.Instructions = "AVX2" }, circumstances: "backend.instructions", reason: "instruction set"},
		"TF32":               {change: func(r *record.Record) { r.Backend.TF32 = "products" }, circumstances: "backend.tf32", reason: "TF32"},
		"TF32 that is off":   {change: func(r *record.Record) { r.Backend.TF32 = "off" }, circumstances: "backend.tf32"},
		"TF32 of another backend": {change: func(r *record.Record) { r.Backend.Name, r.Backend.TF32 = "xla:cuda", "products" },
			circumstances: "backend.name", reason: "TF32"},
		"two devices":       {change: func(r *record.Record) { r.Backend.Devices = 2 }, circumstances: "backend.devices", reason: "number of devices"},
		"another processor": {change: func(r *record.Record) { r.Backend.Device = "x" }, circumstances: "backend.device", reason: "processor"},
		"data": {change: func(r *record.Record) { r.Data.Test.SHA256, r.Backend.Name = "ab", "xla" },
			circumstances: "backend.name", reason: "other images"},
		"the place of the data": {change: func(r *record.Record) { r.Spec.Dataset = "elsewhere" }, circumstances: "spec.dataset"},
	} {
		c, err := experiment.Compare(was, record2(test.change))
		if err != nil {
			t.Fatal(err)
		}
		if test.result == "" && len(c.Results) != 0 ||
			test.result != "" && (len(c.Results) == 0 || c.Results[0].Name != test.result) {
			t.Errorf("%s: results %v, want %q first", name, c.Results, test.result)
		} else if test.result != "" && c.Results[0].Size != test.size && !math.IsNaN(test.size) {
			t.Errorf("%s: %g apart, want %g", name, c.Results[0].Size, test.size)
		}
		if test.circumstances == "" && len(c.Circumstances) != 0 ||
			test.circumstances != "" && (len(c.Circumstances) == 0 || c.Circumstances[0].Name != test.circumstances) {
			t.Errorf("%s: circumstances %v, want %q first", name, c.Circumstances, test.circumstances)
		}
		if !strings.Contains(c.Reason(), test.reason) || test.reason == "" && c.Reason() != "" {
			t.Errorf("%s: reason %q, want %q", name, c.Reason(), test.reason)
		}
	}
}

func TestADifferenceOfALaterEpochComesAfterThatOfAnEarlierOne(t *testing.T) {
	was, is := &record.Record{Epochs: make([]record.Epoch, 12)}, &record.Record{Epochs: make([]record.Epoch, 12)}
	is.Epochs[2].Loss, is.Epochs[10].Loss = 1, 2
	c, err := experiment.Compare(was, is)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Results) != 2 || c.Results[0].Name != "epochs[2].loss" || c.Results[0].String() != "epochs[2].loss: 0 before, 1 now (1 apart)" {
		t.Errorf("got %v, want epochs 2 and 10", c.Results)
	}
}
