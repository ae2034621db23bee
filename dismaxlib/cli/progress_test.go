package cli

import (
	"strings"
	"testing"
)

func TestWrappedTextIsIndentedSoThatNoNameLooksLikeALine(t *testing.T) {
	got := wrapped("left out: " + strings.Repeat("x", 60) + "\ndismax: all is well, " + strings.Repeat("and so on ", 10))
	lines := strings.Split(got, "\n")
	if len(lines) != 4 {
		t.Errorf("got %d lines, want 4:\n%s", len(lines), got)
	}
	for i, line := range lines {
		if len(line) > lineWidth || i > 0 && !strings.HasPrefix(line, "  ") {
			t.Errorf("line %d is longer than %d characters, or begins a line of its own:\n%s", i+1, lineWidth, got)
		}
	}
}
