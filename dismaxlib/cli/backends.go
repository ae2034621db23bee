package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gomlx/compute"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/install"
	"github.com/dismax-go/dismax/internal/text"
)

// backendsCommand is "dismax backends".
type backendsCommand struct {
	Install *string `placeholder:"KIND" enum:"cpu,cuda" help:"Fetch XLA's plugin with Python's pip, checked and for this user only: cpu (63 MB to download, 260 MB on the disk) or cuda (2.5 GB, 4 GB)."`
}

// Run lists what was found, or installs.
func (c *backendsCommand) Run(ctx context.Context, t terminal) error {
	if c.Install != nil {
		return installPlugin(ctx, t, *c.Install)
	}
	err := table(t.out, func(w io.Writer) error {
		fmt.Fprintln(w, "BACKEND\tUSABLE\tWHAT IT IS, AND WHY")
		for _, finding := range backend.Found() {
			usable := "no"
			if finding.Usable {
				usable = "yes"
			}
			if finding.Chosen && os.Getenv(compute.ConfigEnvVar) == "" {
				usable = "used"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", finding.Config, usable, finding.Title)
			if finding.Detail != "" {
				fmt.Fprintf(w, "\t\t%s\n", finding.Detail)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	opened, choice, err := backend.Open("")
	if err != nil {
		return usageError{err}
	}
	defer opened.Finalize()
	printChoice(t.out, choice)
	return nil
}

// printChoice says which backend is used and why.
func printChoice(w io.Writer, choice backend.Choice) {
	fmt.Fprintf(w, "\n%s\ndevice: %s\n", text.Wrap(choice.Reason, 80), choice.Device)
	if choice.Instructions != "" {
		fmt.Fprintln(w, "instructions:", choice.Instructions)
	}
	if choice.Plugin != "" {
		fmt.Fprintf(w, "plugin: %s\nplatform: %s\n", choice.Plugin, choice.Platform)
	}
	if choice.TF32 != "" {
		fmt.Fprintln(w, "TF32:", choice.TF32)
	}
	if choice.Notice != "" {
		fmt.Fprintln(w, choice.Notice)
	}
}

// installPlugin is "dismax backends --install KIND".
func installPlugin(ctx context.Context, t terminal, kind string) error {
	path, err := install.Plugin(ctx, kind, install.Options{
		Say:      func(line string) { fmt.Fprintln(t.err, line) },
		Progress: installProgress(t),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s\nuse it with GOMLX_BACKEND=xla:%s\n", path, kind)
	return nil
}

// installProgress shows a bar for each stage on a terminal, and nothing elsewhere.
func installProgress(t terminal) func(stage string, done, total int64) {
	terminal, ok := t.err.(*os.File)
	if !ok || !isatty.IsTerminal(terminal.Fd()) {
		return nil
	}
	var bar *progressbar.ProgressBar
	current := ""
	return func(stage string, done, total int64) {
		if stage != current {
			if bar != nil {
				_ = bar.Finish()
			}
			current = stage
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(t.err),
				progressbar.OptionSetDescription(fmt.Sprintf("%-8s", stage)), progressbar.OptionShowBytes(true),
				progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100*time.Millisecond),
				progressbar.OptionOnCompletion(func() { fmt.Fprintln(t.err) }))
		}
		_ = bar.Set64(done)
	}
}
