package text_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/text"
)

func TestCount(t *testing.T) {
	for _, test := range []struct {
		n    int
		noun string
		want string
	}{
		{1, "image", "1 image"}, {0, "image", "0 images"}, {2, "class", "2 classes"}, {3, "epoch", "3 epochs"},
		{10_000, "image", "10,000 images"}, {2, "batch", "2 batches"}, {2, "box", "2 boxes"}, {2, "entry", "2 entries"},
		{2, "day", "2 days"},
	} {
		if got := text.Count(test.n, test.noun); got != test.want {
			t.Errorf("Count(%d, %q) = %q, want %q", test.n, test.noun, got, test.want)
		}
	}
}

func TestDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 50_000: "50,000", 123_456: "123,456",
		1_234_567: "1,234,567", -999: "-999", -1000: "-1,000", -123_456: "-123,456"} {
		if got := text.Digits(n); got != want {
			t.Errorf("Digits(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 1500: "1.5 kB",
		64_000_000: "64 MB", 268_435_456: "268 MB", 999_600: "1.0 MB", 2 << 30: "2.1 GB", 5e12: "5.0 TB", 9e15: "9000 TB"} {
		if got := text.Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestAnd(t *testing.T) {
	for words, want := range map[string]string{"": "", "a": "a", "a b": "a and b", "a b c": "a, b and c"} {
		if got := text.And(strings.Fields(words)); got != want {
			t.Errorf("And(%s) = %q, want %q", words, got, want)
		}
	}
}
