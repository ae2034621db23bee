package grid

import (
	"path/filepath"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Phase is where a run stands.
type Phase string

// The phases of a run, with [Failed].
const (
	Unstarted Phase = "unstarted" // no process has begun it
	Running   Phase = "running"   // a process has it
	Stopped   Phase = "stopped"   // begun, and no process has it: the next one goes on from its checkpoint
	Finished  Phase = "finished"  // has its record
)

// Failed is a phase, and a kind of outcome, of a run with an error, which its State or Outcome names. The next process
// tries it again, unless its record cannot be read.
const Failed = "failed"

// State is where one run of a grid stands.
type State struct {
	Run
	Phase       Phase
	Step, Steps int       // training steps done and in all; Steps is 0 where they are not known
	Updated     time.Time // when the run last said so, or its record was made; zero if never
	Host        string    // that has the run, or had it
	Error       string    // of a failed run

	// Left estimates the time to the run's record on this machine, if Known.
	Left  time.Duration
	Known bool
}

// Status tells where the runs stand in the folder. The time left comes from the speed of the run itself, else from
// finished runs of the grid with the same backbone, images, batches and number format, else from stepSeconds, which may be
// nil: it returns the seconds of one training step of a spec. Status changes nothing and may be called at any time.
func Status(folder string, runs []Run, stepSeconds func(record.Spec) (float64, error)) ([]State, error) {
	states, speeds := make([]State, len(runs)), map[speedKey]float64{}
	for i, run := range runs {
		states[i] = stateOf(filepath.Join(folder, run.Name), run, speeds)
	}
	for i := range states {
		if err := states[i].estimate(speeds, stepSeconds); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// speedKey is what the time of an epoch depends on, the loss apart.
type speedKey struct {
	dataset, model, dtype                     string
	trainLimit, batch, imageSize, diagnostics int
	frozen                                    bool
}

func keyOf(spec record.Spec) speedKey {
	return speedKey{spec.Dataset, spec.Model, spec.DType, spec.TrainLimit, spec.BatchSize, spec.ImageSize,
		spec.DiagnosticImages, spec.FreezeBackbone}
}

// stateOf tells where a run stands, the time left apart. It adds the seconds that a finished run took per epoch.
func stateOf(folder string, run Run, speeds map[speedKey]float64) State {
	state := State{Run: run, Phase: Unstarted, Steps: TrainingSteps(run.Spec)}
	r, err := finished(folder)
	if err != nil {
		state.Phase, state.Error = Failed, err.Error()
		return state
	}
	if r != nil {
		state.Phase, state.Step, state.Updated, state.Known = Finished, state.Steps, r.Created, true
		speeds[keyOf(run.Spec)] = r.TotalSeconds / float64(max(1, len(r.Epochs)))
		return state
	}
	p, err := readProgress(folder)
	if err != nil { // the run itself writes it anew
		p = &progress{Error: err.Error()}
	}
	if p != nil {
		state.fill(p)
	}
	busy, err := taken(folder)
	switch {
	case err != nil:
		state.Phase, state.Error = Failed, err.Error()
	case busy:
		state.Phase = Running
	case p == nil: // never started
	case p.Error != "":
		state.Phase = Failed
	default:
		state.Phase = Stopped
	}
	return state
}

// fill takes over what the run said of itself.
func (s *State) fill(p *progress) {
	s.Step, s.Updated, s.Host, s.Error = p.Step, p.Updated, p.Host, p.Error
	if p.Steps > 0 {
		s.Steps = p.Steps
		s.setLeft(p.StepSeconds * float64(p.Steps-p.Step))
		s.Known = p.StepSeconds > 0
	}
}

// estimate fills in the time left where the run itself does not say it.
func (s *State) estimate(speeds map[speedKey]float64, stepSeconds func(record.Spec) (float64, error)) error {
	if s.Known {
		return nil
	}
	if epoch, ok := speeds[keyOf(s.Spec)]; ok {
		s.setLeft(epoch * float64(s.Spec.Epochs) * s.rest())
		return nil
	}
	if stepSeconds == nil || s.Steps == 0 {
		return nil
	}
	seconds, err := stepSeconds(s.Spec)
	if err == nil {
		s.setLeft(seconds * (float64(s.Steps) + diagnosticSteps(s.Spec)) * s.rest())
	}
	return err
}

// rest is the share of the training steps that is still to be done.
func (s *State) rest() float64 { return 1 - float64(s.Step)/float64(max(1, s.Steps)) }

const longestTold = 100 * 365 * 24 * time.Hour

func (s *State) setLeft(seconds float64) {
	s.Left, s.Known = time.Duration(min(seconds, longestTold.Seconds())*float64(time.Second)), true
}
