package reports

import (
	"cmp"
	"fmt"
	"strings"
)

// uniqueNames gives out file names, each once.
type uniqueNames map[string]bool

func (u uniqueNames) take(words string) string {
	name := fileName(words)
	unique := name
	for n := 2; u[unique]; n++ {
		unique = fmt.Sprintf("%s-%d", name, n)
	}
	u[unique] = true
	return unique
}

// fileName makes a file name of words: lower case, with hyphens for all but letters, digits, dots and underscores; it is
// "unnamed" where none of these is left.
func fileName(words string) string {
	var name strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_':
			name.WriteRune(r)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}
	return cmp.Or(strings.Trim(name.String(), "-."), "unnamed")
}
