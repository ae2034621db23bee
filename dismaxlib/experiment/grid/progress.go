package grid

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/internal/atomicfile"
)

// progressFile is where a run leaves how far it is, for the status of the grid.
const progressFile = "progress.json"

// progressEvery is the time between two writings of the progress.
const progressEvery = 5 * time.Second

// progress is how far a run is.
type progress struct {
	Step        int       `json:"step"`  // training steps done
	Steps       int       `json:"steps"` // in all; 0 before the first
	StepSeconds float64   `json:"step_seconds"`
	Updated     time.Time `json:"updated"`
	Host        string    `json:"host"`
	Error       string    `json:"error,omitempty"` // why the run failed
}

// readProgress returns nil of a run that was never started.
func readProgress(folder string) (*progress, error) {
	content, err := os.ReadFile(filepath.Join(folder, progressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	p := new(progress)
	if err == nil {
		err = json.Unmarshal(content, p)
	}
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the progress of %s: %w", folder, err)
	}
	return p, nil
}

// check refuses numbers that no run writes.
func (p *progress) check() error {
	if p.Step < 0 || p.Step > p.Steps {
		return fmt.Errorf("step %d of %d", p.Step, p.Steps)
	}
	if p.StepSeconds < 0 {
		return fmt.Errorf("a step of %g seconds", p.StepSeconds)
	}
	return nil
}

// tracker writes the progress of a run.
type tracker struct {
	progress
	folder    string
	firstTime time.Time // when the first step of this session was done
	firstStep int
}

// newTracker goes on from the progress of an earlier session, and forgets why that failed.
func newTracker(folder string) *tracker {
	t := &tracker{folder: folder}
	if former, err := readProgress(folder); err == nil && former != nil { // an unreadable one is written anew
		t.progress = *former
	}
	t.Error = ""
	t.Host, _ = os.Hostname()
	return t
}

// watcher counts the steps.
func (t *tracker) watcher() training.Watcher {
	return training.Watcher{
		Step: func(s training.Step) {
			now := time.Now()
			t.Step, t.Steps = (s.Epoch-1)*s.StepsInEpoch+s.InEpoch, s.Epochs*s.StepsInEpoch
			if t.firstStep == 0 {
				t.firstStep, t.firstTime = t.Step, now
			}
			if done := t.Step - t.firstStep; done > 0 {
				t.StepSeconds = now.Sub(t.firstTime).Seconds() / float64(done)
			}
			if now.Sub(t.Updated) >= progressEvery {
				t.note()
			}
		},
		Epoch: func(training.Epoch) { t.note() },
	}
}

// note writes the progress. What cannot be written is left out: the run is worth more than its progress.
func (t *tracker) note() { _ = t.write() }

func (t *tracker) write() error {
	t.Updated = time.Now().UTC()
	return atomicfile.Write(filepath.Join(t.folder, progressFile), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(t.progress)
	})
}
