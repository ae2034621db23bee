//go:build unix

package fence

import (
	"testing"
	"unsafe"
)

func TestReadsPastTheEndAreCaught(t *testing.T) {
	for _, slack := range []int{0, 64} {
		memory, err := Memory(12, slack)
		if err != nil {
			t.Fatal(err)
		}
		read := func(at int) any {
			return Check(func() { memory[0] = *(*byte)(unsafe.Add(unsafe.Pointer(&memory[0]), at)) })
		}
		if problem := read(12 + slack - 1); problem != nil {
			t.Errorf("slack %d: the last byte of it: got %v, want it readable", slack, problem)
		}
		if problem := read(12 + slack); problem == nil {
			t.Errorf("slack %d: the byte after it was read, want a panic", slack)
		}
	}
}

func TestPanicsComeOut(t *testing.T) {
	if got := Check(func() { panic("oops") }); got != "oops" {
		t.Errorf("got %v, want oops", got)
	}
}
