package text_test

import (
	"testing"

	"github.com/dismax-go/dismax/internal/text"
)

func TestPrintableTextIsOneLineThatNoTerminalObeys(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"images/größe 日本 (1).png": "images/größe 日本 (1).png",
		`C:\images\1.png`:         `C:\images\1.png`,
		"it's \"one\"":            "it's \"one\"",
		"a\nb\tc\r":               `a\nb\tc\r`,
		"\x1b[31mred":             `\x1b[31mred`,
		"\x9b31m\xff":             `\x9b31m\xff`,
		"\u009b2J\u202e":          `\u009b2J\u202e`,
		"\uFFFD":                  "\uFFFD",
	} {
		if got := text.Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
