package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// FormatVersion is written into every record; Read refuses records of another version.
const FormatVersion = 1

// Record is what was measured in one go, with what is needed to measure it again.
type Record struct {
	Format   int             `json:"format"`
	Created  time.Time       `json:"created"`
	Versions record.Versions `json:"versions"`
	Backend  record.Backend  `json:"backend"`
	// Load is the machine's mean number of running processes over the minute before. Times taken while other programs
	// compute are too long. -1: unknown.
	Load    float64  `json:"load"`
	Options Options  `json:"options"`
	Results []Result `json:"results"`
}

// Options say how a case is measured.
type Options struct {
	Warmup    int   `json:"warmup"` // steps before those that are timed; the first compiles
	Steps     int   `json:"steps"`  // steps that are timed
	Inference bool  `json:"inference"`
	Seed      int64 `json:"seed"`
	// DType is what the backbone computes in, by its name in package models; empty is float32.
	DType string `json:"dtype,omitempty"`
}

// Result is what was measured of one case.
type Result struct {
	Case
	Parameters int    `json:"parameters"` // trainable, head included
	Train      Timing `json:"train"`
	// Inference is the forward pass in evaluation mode from images to logits on the host. Nil: not measured.
	Inference *Timing `json:"inference,omitempty"`
	// FirstStepSeconds is the wall-clock time of the first training step, which compiles the graph and makes the
	// initial weights.
	FirstStepSeconds float64 `json:"first_step_seconds"`
	// PeakBytes is the most memory that the process held after training (on Linux VmHWM). 0: unknown.
	PeakBytes int64 `json:"peak_bytes"`
	// Losses are the training losses of all steps, the warm-up's included. The same seed, backend and device give the
	// same losses.
	Losses []float64 `json:"losses"`
}

// Timing is the time of one step: medians over the timed steps.
type Timing struct {
	WallSeconds     float64 `json:"wall_seconds"`
	CPUSeconds      float64 `json:"cpu_seconds"` // of all cores together; 0: unknown
	ImagesPerSecond float64 `json:"images_per_second"`
}

// Merge joins records of the same program, backend and options into one that has the results of all.
func Merge(records ...*Record) (*Record, error) {
	if len(records) == 0 {
		return nil, errors.New("bench: no records to merge")
	}
	merged := *records[0]
	merged.Results = nil
	for _, r := range records {
		if r.Versions != merged.Versions || r.Backend != merged.Backend || r.Options != merged.Options {
			return nil, fmt.Errorf("bench: %s was measured by another program, backend or options than %s",
				r.describe(), records[0].describe())
		}
		merged.Results = append(merged.Results, r.Results...)
	}
	return &merged, nil
}

func (r *Record) describe() string {
	if len(r.Results) == 0 {
		return "an empty record"
	}
	return r.Results[0].String()
}

// Write stores the record as a JSON file, and makes the file's folder if need be.
func Write(path string, r *Record) error {
	content, err := json.MarshalIndent(r, "", " ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(content, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the bench record: %w", err)
	}
	return nil
}

// Read loads a record.
func Read(path string) (*Record, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a bench record: %w", err)
	}
	r, err := Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Decode reads a record from JSON.
func Decode(content []byte) (*Record, error) {
	var r Record
	if err := json.Unmarshal(content, &r); err != nil {
		return nil, fmt.Errorf("not a bench record: %w", err)
	}
	if r.Format != FormatVersion {
		return nil, fmt.Errorf("a bench record of format %d, this program reads %d: measure again",
			r.Format, FormatVersion)
	}
	return &r, nil
}
