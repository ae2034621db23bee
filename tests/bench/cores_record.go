package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/bench"
)

// coresRecord says what steps take on how many cores.
type coresRecord struct {
	Format   int            `json:"format"`
	Machine  machine        `json:"machine"`
	Session  session        `json:"session"`
	Versions string         `json:"versions"`
	Networks []coresNetwork `json:"networks"`
}

// coresNetwork is what was found of one network.
type coresNetwork struct {
	bench.Case
	Measured  []processes  `json:"measured"`
	Simulated []simulation `json:"simulated"`
}

// processes are equal ones that ran at once, and the medians of their steps' times, one for each process. Those of
// inference steps are of processes that may be training still, if there are two.
type processes struct {
	Cores            int       `json:"cores"` // GOMAXPROCS of each
	AtOnce           int       `json:"at_once"`
	Round            int       `json:"round"`
	TrainSeconds     []float64 `json:"train_seconds"`
	InferenceSeconds []float64 `json:"inference_seconds"`
}

// The kinds of steps.
const (
	trainingStep  = "training"
	inferenceStep = "inference"
)

// simulation is what a step would take on a number of cores: the tasks into which it is split for so many, scheduled in
// their order, each of the length that it had on one core. Medians over the recorded steps.
type simulation struct {
	Step            string  `json:"step"`
	Cores           int     `json:"cores"`
	RecordedSeconds float64 `json:"recorded_seconds"` // on one core, split for Cores
	Seconds         float64 `json:"seconds"`          // simulated
	// SerialSeconds is the part of RecordedSeconds that offers nothing to a second core. In it are DelegatedSeconds,
	// spent in GoMLX's own operations, of which some use several cores in truth, and OutsideSeconds, spent neither there
	// nor in kernels: what the trainer does between executions, and the collection of garbage then.
	SerialSeconds    float64      `json:"serial_seconds"`
	DelegatedSeconds float64      `json:"delegated_seconds"`
	OutsideSeconds   float64      `json:"outside_seconds"`
	Sections         int          `json:"sections"`
	Tasks            int          `json:"tasks"`
	Worst            []kernelLoss `json:"worst,omitempty"` // the largest first
}

// kernelLoss is kernels of a kind that cores do not share evenly. Seconds are on all cores, LostSeconds how much of them an
// even share would save.
type kernelLoss struct {
	Name        string  `json:"name"`
	Kernels     int     `json:"kernels"`
	FewestTasks int     `json:"fewest_tasks"` // in the longest section of one of them
	Seconds     float64 `json:"seconds"`
	LostSeconds float64 `json:"lost_seconds"`
}

func newCoresRecord() *coresRecord {
	return &coresRecord{
		Format: formatVersion, Machine: thisMachine(false),
		Session: session{Started: time.Now().UTC().Truncate(time.Second), LoadBefore: bench.Load()},
	}
}

// write stores the record, and its table beside it.
func (r *coresRecord) write(path string) error {
	r.Session.Ended, r.Session.LoadAfter = time.Now().UTC().Truncate(time.Second), bench.Load()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the record of cores: %w", err)
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		return encoder.Encode(r)
	})
	if err != nil {
		return err
	}
	return atomicfile.Write(markdownFile(path), func(w io.Writer) error {
		_, err := io.WriteString(w, r.markdown())
		return err
	})
}

func markdownFile(record string) string {
	return strings.TrimSuffix(record, filepath.Ext(record)) + ".md"
}
