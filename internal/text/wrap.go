package text

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks a text between words into lines of at most so many characters, as far as its words allow. The last line
// has no end.
func Wrap(text string, width int) string {
	var out strings.Builder
	used := 0
	for word := range strings.FieldsSeq(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case used+1+size > width:
			out.WriteByte('\n')
			used = 0
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += size
	}
	return out.String()
}
