package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal syscall.Signal }

// Error names the signal.
func (i interruption) Error() string { return "stopped by a signal: " + i.signal.String() }

// Is makes it a [context.Canceled], as which commands know it.
func (i interruption) Is(target error) bool { return target == context.Canceled }

// heedSignals returns a context that ends at the first interrupt (Ctrl-C), SIGTERM or SIGHUP. From then on an interrupt
// ends the process at once. SIGTERM and SIGHUP do nothing more: they come from schedulers, timeout(1) and the like, which
// send some of them twice. SIGHUP stays ignored where nohup has it so.
func heedSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, signals...)
	go func() {
		select {
		case first := <-arrived:
			signal.Reset(os.Interrupt)
			number, _ := first.(syscall.Signal)
			cancel(interruption{number})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(arrived)
		cancel(nil)
	}
}

// statusOf is the exit status of a command that ended because ctx did: as a shell has it, 128 and the number of the
// signal.
func statusOf(ctx context.Context) int {
	if by, ok := errors.AsType[interruption](context.Cause(ctx)); ok {
		return 128 + int(by.signal)
	}
	return exitInterrupted
}

// promptly returns what the work returns, or an error as soon as ctx ends, with the work left behind. It is for work
// that does not look at ctx and loses nothing when its process ends in its midst.
func promptly[T any](ctx context.Context, work func() (T, error)) (result T, err error) {
	type outcome struct {
		result T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := work()
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return result, context.Cause(ctx)
	}
}
