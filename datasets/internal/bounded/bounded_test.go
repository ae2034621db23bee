package bounded_test

import (
	"bytes"
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
