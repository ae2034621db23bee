// Command bench holds what `dismax bench` does not do by itself: it compares our steps with those of PyTorch and JAX,
// and it starts many short trainings to find hangs, crashes and losses that differ.
//
//	go run ./tests/bench compare             time and memory on every backend, beside PyTorch and JAX; and the bars
//	go run ./tests/bench table [--markdown]  a comparison's record as a table, and the bars
//	go run ./tests/bench cores               steps on one core and two, on more simulated, and beside another training
//	go run ./tests/bench stress              200 processes of 20 steps, on several numbers of cores
//	go run ./tests/bench errors              what convolutions lose to rounding, beside PyTorch
//
// Our step on the XLA of JAX beside JAX's own, and nothing else:
//
//	go run ./tests/bench compare --engines xla:jaxlib,jax --only resnet20,resnet34
//
// The Makefile calls them bench, cores and stress. Build with GOEXPERIMENT=simd, as it does. The exit status is 1 if a bar
// is missed or a process failed. Start in compare.go, whose plan.go says what is measured, cores.go and stress.go.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Compare compareCommand `cmd:"" help:"Compare training and inference steps with PyTorch's and JAX's."`
	Table   tableCommand   `cmd:"" help:"Print the record of a comparison, also of one that was interrupted."`
	Cores   coresCommand   `cmd:"" help:"Measure steps on one core and on two, beside another training, and simulate more cores."`
	Tasks   tasksCommand   `cmd:"" hidden:""`
	Stress  stressCommand  `cmd:"" help:"Start many short trainings; equal seeds must give equal losses."`
	Errors  errorsCommand  `cmd:"" help:"Compare the rounding errors of 3x3 convolutions with PyTorch's."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	parsed := kong.Parse(&commands{},
		kong.Name("bench"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"networks": workloadNames()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.BindTo(os.Stdout, (*io.Writer)(nil)))
	parsed.FatalIfErrorf(parsed.Run())
}
