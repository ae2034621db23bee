// Command bench holds what `dismax bench` does not do by itself: it compares our steps with PyTorch's, and it starts
// many short trainings to find hangs, crashes and losses that differ.
//
//	go run ./tests/bench compare    times and memory against torch_reference.py, and the bars they must keep
//	go run ./tests/bench stress     200 processes of 20 steps, on several numbers of cores
//
// The Makefile calls them bench-cpu and stress. Build with GOEXPERIMENT=simd, as it does. The exit status is 1 if a
// bar is missed or a process failed. Start in compare.go and stress.go.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
)

// commands is the command line.
type commands struct {
	Compare compareCommand `cmd:"" help:"Compare training and inference steps with PyTorch's."`
	Stress  stressCommand  `cmd:"" help:"Start many short trainings; equal seeds must give equal losses."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	parsed := kong.Parse(&commands{},
		kong.Name("bench"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)))
	parsed.FatalIfErrorf(parsed.Run())
}
