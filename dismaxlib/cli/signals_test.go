package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
)

func TestTheStatusIsThatOfTheSignal(t *testing.T) {
	for cause, want := range map[error]int{
		nil: 130, interruption{syscall.SIGINT}: 130, interruption{syscall.SIGTERM}: 143, interruption{syscall.SIGHUP}: 129,
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for _, err := range []error{ctx.Err(), context.Cause(ctx), fmt.Errorf("reading: %w", context.Cause(ctx))} {
			var problems bytes.Buffer
			if got := report(ctx, err, terminal{out: &problems, err: &problems}); got != want {
				t.Errorf("cause %v, error %v: exit status %d, want %d", cause, err, got, want)
			}
		}
		if got := report(ctx, errors.New("no space"), terminal{out: new(bytes.Buffer), err: new(bytes.Buffer)}); got != exitFailure {
			t.Errorf("another error after %v: exit status %d, want %d", cause, got, exitFailure)
		}
	}
}

func TestWorkThatDoesNotLookAtItsContextIsLeftBehind(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	started, never := make(chan bool), make(chan bool)
	defer close(never)
	go func() {
		<-started
		cancel(interruption{syscall.SIGTERM})
	}()
	_, err := promptly(ctx, func() (int, error) {
		close(started)
		<-never
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was interrupted", err)
	}
	if got, err := promptly(t.Context(), func() (int, error) { return 1, nil }); got != 1 || err != nil {
		t.Errorf("got %d, %v, want the result of the work", got, err)
	}
}

func TestAnErrorIsOneLineWithoutEscapeCodes(t *testing.T) {
	var problems bytes.Buffer
	report(t.Context(), errors.New("a\n\x1b[2Jb"), terminal{out: &problems, err: &problems})
	if got, want := problems.String(), "dismax: a; \\x1b[2Jb\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
