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
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/internal/text"
)

const (
	exitFailure     = 1
	exitUsage       = 2
	exitOut         = 3
	exitInterrupted = 130
)

// commands is the command line; kong makes the parser and the help from it.
type commands struct {
	Run      runCommand      `cmd:"" help:"Train, calibrate and evaluate one classifier, and write its results record."`
	Grid     gridCommand     `cmd:"" help:"Do many runs under one name, in one process or many; show where they stand."`
	Rerun    rerunCommand    `cmd:"" help:"Run the spec of a record again and say whether it did the same, bit for bit."`
	Verify   verifyCommand   `cmd:"" help:"Compare the files of runs, and detectors, with their checksums."`
	Evaluate evaluateCommand `cmd:"" help:"Evaluate the logits of a model of any framework: temperature, calibration, every score."`
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
	in       io.Reader
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// statusError is an error with an exit status of its own.
type statusError struct {
	error
	status int
}

func (s statusError) Unwrap() error { return s.error }

// Main runs one command line, without the name of the program, and returns the exit status: 0 on success, 2 for a wrong
// command line (an unknown flag or name, a missing path), 3 if "detect --fail-on-out" met an out-of-distribution image, 1
// for anything else. A signal ends the command, a training with a checkpoint from which the same command goes on: 130
// after an interrupt (Ctrl-C), 143 after SIGTERM, 129 after SIGHUP. An interrupt after that ends the process at once,
// SIGTERM and SIGHUP do nothing more. Main may return before work stops that was interrupted: exit then.
//
// Main registers the scores of package posthoc.
func Main(ctx context.Context, args []string, out, err io.Writer) (status int) {
	ctx, stop := heedSignals(ctx)
	defer stop()
	posthoc.Register()
	return execute(ctx, args, terminal{out, err, os.Stdin})
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
	parsed, err := parser.Parse(asFlag(args))
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(t.err, "dismax: %s (see %s --help)\n", text.Printable(explainUsage(err)), commandOf(err))
		return exitUsage
	}
	return report(ctx, parsed.Run(), t)
}

// asFlag takes "help" and "version", which are commands elsewhere, for the flags of that name.
func asFlag(args []string) []string {
	switch args[0] {
	case "help":
		return append(slices.Clone(args[1:]), "--help")
	case "version":
		return []string{"--version"}
	}
	return args
}

// commandOf is the command whose line the error is about.
func commandOf(err error) string {
	command := "dismax"
	if parsing, ok := errors.AsType[*kong.ParseError](err); ok {
		for _, path := range parsing.Context.Path {
			if path.Command != nil {
				command += " " + path.Command.Name
			}
		}
	}
	return command
}

// negative is kong's complaint about a value that it takes for a flag.
var negative = regexp.MustCompile(`^(--[a-z-]+): expected .* value but got "(-[^"]*)" \((?:short|long) flag\)`)

// explainUsage adds the names of the commands to the error of one that there is not, and what to write to that of a
// value that begins with a dash.
func explainUsage(err error) string {
	if found := negative.FindStringSubmatch(err.Error()); found != nil {
		return fmt.Sprintf("%s %s: a value that begins with a dash is joined to its flag: %[1]s=%[2]s", found[1], found[2])
	}
	parsing, ok := errors.AsType[*kong.ParseError](err)
	if !ok || !strings.HasPrefix(err.Error(), "unexpected argument") {
		return err.Error()
	}
	node, prefix := parsing.Context.Model.Node, ""
	for _, path := range parsing.Context.Path {
		if path.Command != nil {
			node, prefix = path.Command, path.Command.Name+" "
		}
	}
	var names []string
	for _, child := range node.Children {
		if child.Type == kong.CommandNode {
			names = append(names, prefix+child.Name)
		}
	}
	if len(names) == 0 {
		return err.Error()
	}
	return fmt.Sprintf("%s; the commands are %s", err, text.And(names))
}

// report prints the error of a command in one line and chooses the exit status.
func report(ctx context.Context, err error, t terminal) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(t.err, "dismax:", text.Printable(strings.ReplaceAll(err.Error(), "\n", "; ")))
	var usage usageError
	switch {
	case errors.Is(err, context.Canceled):
		return statusOf(ctx)
	case errors.As(err, &usage):
		return exitUsage
	}
	if own, ok := errors.AsType[statusError](err); ok {
		return own.status
	}
	return exitFailure
}
