package reports

import (
	"testing"
)

func TestFileNamesAreSafe(t *testing.T) {
	for words, want := range map[string]string{
		"ROC svhn MMLES": "roc-svhn-mmles", "../../etc": "etc", "a/b\\c": "a-b-c", "": ".", "_x.1": "_x.1",
	} {
		if got := fileName(words); got != want {
			t.Errorf("fileName(%q): got %q, want %q", words, got, want)
		}
	}
}
