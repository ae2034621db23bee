package text

import (
	"math"
	"testing"
)

func TestJoinAndWritesAList(t *testing.T) {
	for want, words := range map[string][]string{
		"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"},
	} {
		if got := JoinAnd(words); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

func TestPluralCountsThings(t *testing.T) {
	for _, test := range []struct {
		n          int
		noun, want string
	}{
		{0, "run", "0 runs"}, {1, "epoch", "1 epoch"}, {1, "class", "1 class"}, {3, "class", "3 classes"},
		{10000, "image", "10,000 images"},
	} {
		if got := Plural(test.n, test.noun); got != test.want {
			t.Errorf("%d %s: got %q, want %q", test.n, test.noun, got, test.want)
		}
	}
}

func TestDigitsGroupsThousands(t *testing.T) {
	for n, want := range map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1: "-1", -999: "-999",
		-1000: "-1,000", -123456: "-123,456", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := Digits(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
