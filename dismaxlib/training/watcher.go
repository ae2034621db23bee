package training

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Watcher follows a training run. A nil function is not called.
type Watcher struct {
	// Resume is called before the first step of a run that goes on from a checkpoint, with the epochs done before.
	Resume func(done []Epoch)
	Step   func(Step)
	Epoch  func(Epoch)
}

// Step is one training step that was done.
type Step struct {
	Epoch, Epochs         int // the epoch under way, counted from 1, and how many there will be
	InEpoch, StepsInEpoch int
	Images                int     // in this step's batch
	Loss                  float64 // of this step
	MeanLoss              float64 // over the epoch so far
}

// Bar shows a progress bar for every epoch, with the loss and the images per second, on a terminal.
//
// GoMLX's own progress bar serves one run of its loop and not one per epoch, and counts steps rather than images.
func Bar(terminal io.Writer) Watcher {
	var bar *progressbar.ProgressBar
	start := func(s Step) {
		bar = progressbar.NewOptions(s.StepsInEpoch*s.Images,
			progressbar.OptionSetWriter(terminal),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("images"),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
		_ = bar.Set((s.InEpoch - 1) * s.Images)
	}
	return Watcher{
		Resume: resumeLines(terminal),
		Step: func(s Step) {
			if bar == nil {
				start(s)
			}
			bar.Describe(fmt.Sprintf("epoch %d/%d  loss %.4f", s.Epoch, s.Epochs, s.MeanLoss))
			_ = bar.Add(s.Images)
		},
		Epoch: func(e Epoch) {
			_ = bar.Finish()
			bar = nil
			fmt.Fprintln(terminal, e)
		},
	}
}

// Lines writes one line per epoch: for logs and for notebooks, whose saved output would keep every redraw of a bar.
func Lines(log io.Writer) Watcher {
	return Watcher{Resume: resumeLines(log), Epoch: func(e Epoch) { fmt.Fprintln(log, e) }}
}

// resumeLines repeats the lines of the epochs that an earlier session did.
func resumeLines(log io.Writer) func([]Epoch) {
	return func(done []Epoch) {
		for _, e := range done {
			fmt.Fprintln(log, e)
		}
		fmt.Fprintf(log, "going on from the checkpoint, with epoch %d\n", len(done)+1)
	}
}
