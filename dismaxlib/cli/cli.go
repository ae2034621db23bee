// Package cli is the command "dismax" as a function: [Main] parses the command line, runs one command and returns the
// exit status. A program of your own that registers losses, scores, models or data sets and then calls Main has them in
// every command:
//
//	func main() {
//		dismaxlib.RegisterLoss(myLoss)
//		os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
//	}
//
// Each command is one file, named after it. The work is done by the packages below: experiment, detect, reports.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
)

const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// commands is the command line; kong makes the parser and the help from it.
type commands struct {
	Run      runCommand      `cmd:"" help:"Train, calibrate and evaluate one classifier, and write its results record."`
	Grid     gridCommand     `cmd:"" help:"Do many runs under one name, in one process or many; show where they stand."`
	Report   reportCommand   `cmd:"" help:"Make tables, plots and a page of results records."`
	Export   exportCommand   `cmd:"" help:"Make a detector of a finished run, or a file of its weights for PyTorch."`
	Detect   detectCommand   `cmd:"" help:"Ask a detector about images: in- or out-of-distribution, and which class."`
	Bench    benchCommand    `cmd:"" help:"Measure the time and memory of training and inference steps."`
	Backends backendsCommand `cmd:"" help:"Show the compute backends of this machine and which one would be used."`
	Datasets datasetsCommand `cmd:"" help:"Show the data sets that can be named, and where they are; or fetch them."`
	Models   modelsCommand   `cmd:"" help:"Show the models, losses and scores that can be named, or the layers of one model."`

	Version kong.VersionFlag `help:"Print the versions of this program and of what it was built of."`
}

// terminal is where a command writes.
type terminal struct {
	out, err io.Writer
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// Main runs one command line, without the name of the program, and returns the exit status: 0 on success, 2 for a wrong
// command line (an unknown flag or name, a missing path), 1 for anything else and 130 when interrupted. An interrupt or
// SIGTERM ends ctx for the command. Main registers the scores of package posthoc.
func Main(ctx context.Context, args []string, out, err io.Writer) (status int) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	posthoc.Register()
	return execute(ctx, args, terminal{out, err})
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, args []string, t terminal) (status int) {
	helped := false
	parser, err := kong.New(&commands{},
		kong.Name("dismax"),
		kong.Description("Classifiers that know what they don't know: the DisMax loss in Go."),
		kong.Writers(t.out, t.err),
		kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars(vars()),
		kong.Vars{"version": version()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(t))
	if err != nil {
		fmt.Fprintln(t.err, "dismax:", err)
		return exitFailure
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(t.err, "dismax: %v (see dismax --help)\n", err)
		return exitUsage
	}
	return report(parsed.Run(), t)
}

// report prints the error of a command in one line and chooses the exit status.
func report(err error, t terminal) int {
	if err == nil {
		return 0
	}
	line := strings.ReplaceAll(err.Error(), "\n", "; ")
	var usage usageError
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(t.err, "dismax:", line)
		return exitInterrupted
	case errors.As(err, &usage):
		fmt.Fprintln(t.err, "dismax:", line)
		return exitUsage
	default:
		fmt.Fprintln(t.err, "dismax:", line)
		return exitFailure
	}
}
