package reports

import (
	"fmt"
	"path/filepath"
	"strings"
)

// uniqueNames gives out file names, each once.
type uniqueNames map[string]int

func (u uniqueNames) take(words string) string {
	name := fileName(words)
	u[name]++
	if n := u[name]; n > 1 {
		return fmt.Sprintf("%s-%d", name, n)
	}
	return name
}

// fileName makes a file name of words: lower case, with hyphens for all but letters, digits, dots and underscores.
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
	return filepath.Base(strings.Trim(name.String(), "-."))
}
