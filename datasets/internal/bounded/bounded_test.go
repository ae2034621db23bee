package bounded_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestNoMoreIsAllocatedThanIsDeclaredOrThere(t *testing.T) {
	for _, test := range []struct{ declared, there int }{
		{0, 0}, {10, 10}, {100_000, 100_000}, {200_000, 200_000}, {1 << 30, 100_000}, {1 << 30, 0},
	} {
		data, err := bounded.UpTo(bytes.NewReader(make([]byte, test.there)), int64(test.declared))
		if whole := test.there == test.declared; len(data) != test.there || whole != (err == nil) {
			t.Errorf("%d bytes of %d declared: read %d with the error %v", test.there, test.declared, len(data), err)
		}
		if most := min(test.declared, max(2*test.there, 1<<16)); cap(data) > most {
			t.Errorf("%d bytes of %d declared: allocated %d, want at most %d", test.there, test.declared, cap(data), most)
		}
	}
	_, err := bounded.Read(strings.NewReader("more"), 3, 100)
	fixture.WantError(t, err, "more than the 3 bytes that it declares")
}

func TestLimits(t *testing.T) {
	for _, test := range []struct{ packed, limit, want int64 }{
		{1000, 0, 64 << 20}, {100 << 20, 0, 800 << 20}, {1 << 40, 0, 2 << 30}, {1 << 62, 0, 2 << 30}, {1 << 40, 5, 5},
	} {
		if got := bounded.UnpackedLimit(test.packed, test.limit); got != test.want {
			t.Errorf("UnpackedLimit(%d, %d) = %d, want %d", test.packed, test.limit, got, test.want)
		}
	}
	if got := bounded.ImageLimit(7); got != 7 {
		t.Errorf("ImageLimit(7) = %d, want 7", got)
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	reader := bounded.WithContext(ctx, strings.NewReader("more than four"))
	if _, err := io.ReadFull(reader, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	stop()
	if n, err := reader.Read(make([]byte, 4)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read %d bytes with the error %v, want none and that of the context", n, err)
	}
}
