package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// gridProgress shows how far a grid is: two bars on a terminal, one for the grid and one for the run, and lines
// elsewhere.
type gridProgress struct {
	out   io.Writer
	runs  int
	ends  int
	whole *progressbar.ProgressBar // nil where there is no terminal
	run   *progressbar.ProgressBar // nil between runs
	drawn time.Time
}

// parts of a run that the bar of the grid counts.
const parts = 1000

// redrawEvery bounds how often the bars are drawn.
const redrawEvery = 100 * time.Millisecond

func newGridProgress(t terminal, runs int) *gridProgress {
	p := &gridProgress{out: t.err, runs: runs}
	if file, ok := t.err.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		p.whole = newBar(runs * parts)
	}
	return p
}

// newBar returns a bar that is drawn by its String, since two bars share the terminal.
func newBar(size int) *progressbar.ProgressBar {
	return progressbar.NewOptions(size, progressbar.OptionSetWriter(io.Discard), progressbar.OptionSetWidth(24),
		progressbar.OptionSetPredictTime(true))
}

func (p *gridProgress) started(run grid.Run) {
	p.log(fmt.Sprintf("run %d of %d (index %d): %s", p.ends+1, p.runs, run.Index, experiment.Title(run.Spec)))
}

func (p *gridProgress) waiting(run grid.Run) {
	p.log(fmt.Sprintf("index %d: waiting for another process that has this run", run.Index))
}

func (p *gridProgress) ended(run grid.Run, outcome grid.Outcome) {
	p.ends++
	p.run = nil
	line := fmt.Sprintf("index %d: %s", run.Index, outcome.Kind)
	if outcome.Err != nil {
		line += ": " + strings.ReplaceAll(outcome.Err.Error(), "\n", "; ")
	}
	p.log(line)
	if p.whole != nil {
		_ = p.whole.Set(p.ends * parts)
		p.draw()
	}
}

// watchers follow the steps with the bars, or the epochs with lines.
func (p *gridProgress) watchers() []training.Watcher {
	if p.whole == nil {
		return []training.Watcher{training.Lines(p.out)}
	}
	return []training.Watcher{{Step: p.step}}
}

func (p *gridProgress) step(s training.Step) {
	done, all := (s.Epoch-1)*s.StepsInEpoch+s.InEpoch, s.Epochs*s.StepsInEpoch
	if p.run == nil {
		p.run = newBar(all)
	}
	_ = p.run.Set(done)
	_ = p.whole.Set(p.ends*parts + parts*done/all)
	if time.Since(p.drawn) >= redrawEvery {
		p.whole.Describe(fmt.Sprintf("run %d/%d", p.ends+1, p.runs))
		p.run.Describe(fmt.Sprintf("epoch %d/%d  loss %.4f", s.Epoch, s.Epochs, s.MeanLoss))
		p.draw()
	}
}

const clearDown = "\r\x1b[J" // from the start of the line to the end of the screen

// draw writes both bars and goes back to the start of the first.
func (p *gridProgress) draw() {
	p.drawn = time.Now()
	line := func(bar *progressbar.ProgressBar) string { return strings.Trim(bar.String(), "\r\n") }
	fmt.Fprint(p.out, clearDown, line(p.whole))
	if p.run != nil {
		fmt.Fprint(p.out, "\n", line(p.run), "\x1b[1A")
	}
	fmt.Fprint(p.out, "\r")
}

// log writes a line above the bars.
func (p *gridProgress) log(line string) {
	if p.whole != nil {
		fmt.Fprint(p.out, clearDown)
	}
	fmt.Fprintln(p.out, wrapped(line))
}

// close leaves the terminal to what follows.
func (p *gridProgress) close() {
	if p.whole != nil {
		fmt.Fprint(p.out, clearDown)
	}
}
