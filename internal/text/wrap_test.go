package text

import "testing"

func TestWrapBreaksBetweenWords(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{"", ""}, {"one", "one"}, {"one two", "one two"}, {"one two three", "one two\nthree"}, {"  a\nb ", "a b"},
		{"immeasurable a", "immeasurable\na"}, {"äöüäö äöü", "äöüäö\näöü"},
	} {
		if got := Wrap(test.text, 8); got != test.want {
			t.Errorf("%q becomes %q, want %q", test.text, got, test.want)
		}
	}
}
