package text

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printable returns the text on one line and without anything that a terminal would obey: names of files may hold line
// ends and escape codes. Runes that are not printable are written as in Go: "a\nb", "\x1b[31m", "\xff".
func Printable(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch isByte := r == utf8.RuneError && size == 1; {
		case isByte:
			out.WriteString(`\x` + strconv.FormatUint(0x100|uint64(text[0]), 16)[1:])
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			out.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[size:]
	}
	return out.String()
}
