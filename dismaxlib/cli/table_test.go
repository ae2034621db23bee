package cli

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestTablesBreakTheLastColumnToFitALine(t *testing.T) {
	for name, test := range map[string]struct{ rows, want string }{
		"nothing": {"", ""},
		"short":   {"NAME\tTITLE\na\tone  two\nlonger\tthree\n", "NAME    TITLE\na       one  two\nlonger  three\n"},
		"wide": {"NAME\tTITLE\na\t" + strings.Repeat("word ", 20) + "end\n",
			"NAME  TITLE\na     " + strings.TrimSuffix(strings.Repeat("word ", 15), " ") + "\n      " + strings.Repeat("word ", 5) + "end\n"},
		"two tables": {"A\tB\nlong name\tx\n\nC\tD\ny\tz\n", "A          B\nlong name  x\n\nC  D\ny  z\n"},
		"a path":     {"x\t/" + strings.Repeat("p", 90) + "\n", "x  /" + strings.Repeat("p", 90) + "\n"},
		"second row": {"1\ta\n\tb\n", "1  a\n   b\n"},
	} {
		var out strings.Builder
		err := table(&out, func(w io.Writer) error {
			_, err := fmt.Fprint(w, test.rows)
			return err
		})
		if got := out.String(); err != nil || got != test.want {
			t.Errorf("%s (error: %v): got\n%s\nwant\n%s", name, err, got, test.want)
		}
	}
}
