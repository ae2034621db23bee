package goconv_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheDocumentationNamesTestsThatThereAre(t *testing.T) {
	var tests, docs strings.Builder
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		to := map[bool]*strings.Builder{strings.HasSuffix(path, "_test.go"): &tests, filepath.Base(path) == "doc.go": &docs}[true]
		if err != nil || to == nil {
			return err
		}
		content, err := os.ReadFile(path)
		to.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(docs.String(), -1)
	if len(named) < 15 {
		t.Errorf("got %d tests in the doc.go files, want those of all kernels", len(named))
	}
	for _, name := range named {
		if !strings.Contains(tests.String(), "func "+name+"(") {
			t.Errorf("a doc.go names %s, which does not exist", name)
		}
	}
}
