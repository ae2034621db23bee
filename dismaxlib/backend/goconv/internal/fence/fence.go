//go:build unix

// Package fence makes memory for tests that ends where nothing can be read, and catches reads beyond it.
package fence

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Memory returns memory whose end, and as many bytes of slack, lie before a page that cannot be read. It stays until the
// process ends.
func Memory(size, slack int) ([]byte, error) {
	page := os.Getpagesize()
	readable := (size + slack + page - 1) / page * page
	mapped, err := unix.Mmap(-1, 0, readable+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("mapping %d bytes: %w", readable+page, err)
	}
	if err := unix.Mprotect(mapped[readable:], unix.PROT_NONE); err != nil {
		return nil, fmt.Errorf("protecting the last page of %d bytes: %w", readable+page, err)
	}
	end := readable - slack
	return mapped[end-size : end : end], nil
}

// Floats returns a copy of the values that ends at an unreadable page.
func Floats(tb testing.TB, values []float32) []float32 {
	tb.Helper()
	memory, err := Memory(4*len(values), 0)
	if err != nil {
		tb.Fatal(err)
	}
	floats := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(memory))), len(values))
	copy(floats, values)
	return floats
}

// Check calls f and returns what it panics with, an access to an unreadable page included, nil if it does not. That
// holds for f's own goroutine; an access from another one ends the process.
func Check(f func()) (problem any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { problem = recover() }()
	f()
	return nil
}

// Inside fails a test whose f reads or writes past an end. What names it.
func Inside(tb testing.TB, what string, f func()) {
	tb.Helper()
	if problem := Check(f); problem != nil {
		tb.Errorf("%s: got %v, want no access past an end", what, problem)
	}
}
