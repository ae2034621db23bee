package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

// isTerminal reports whether a person watches what goes to standard error.
func (t terminal) isTerminal() bool {
	file, ok := t.err.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// clearLine goes back to the beginning of a terminal's line and empties it.
const clearLine = "\r\x1b[K"

// line writes what people read and programs do not, in place of what a stage left on a terminal: one line, or several if
// it is wider.
func (t terminal) line(line string) {
	if t.isTerminal() {
		fmt.Fprint(t.err, clearLine)
	}
	fmt.Fprintln(t.err, wrapped(line))
}

// wrapped breaks a text into lines that fit a terminal. Those after the first are indented, so that no name of a file can
// look like a line of its own.
func wrapped(line string) string {
	const indent = "  "
	return strings.ReplaceAll(text.Wrap(text.Printable(line), lineWidth-len(indent)), "\n", "\n"+indent)
}

// stageProgress shows on a terminal what a run does beside training: a bar where images are counted, else its name. It
// is nil elsewhere.
func stageProgress(t terminal) func(experiment.Progress) {
	if !t.isTerminal() {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(p experiment.Progress) {
		switch {
		case p.Doing == "":
			bar = nil
			fmt.Fprint(t.err, clearLine)
		case p.Total == 0:
			fmt.Fprint(t.err, clearLine, text.Printable(p.Doing), " …")
		default:
			if bar == nil {
				bar = progressbar.NewOptions(p.Total, progressbar.OptionSetWriter(t.err),
					progressbar.OptionSetDescription(text.Printable(p.Doing)), progressbar.OptionSetWidth(24),
					progressbar.OptionShowIts(), progressbar.OptionSetItsString("images"),
					progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
			}
			_ = bar.Set(p.Done)
		}
	}
}
