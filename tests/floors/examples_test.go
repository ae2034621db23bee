package floors

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// withoutExample are the public packages that have none, and why.
var withoutExample = map[string]string{
	module + "/notebooks/show": "it is for notebooks, which are its examples",
}

// A public package is one that another module can import, and that is not a program.
func TestEveryPublicPackageHasAnExample(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{.Name}} {{.Dir}}`, module+"/...")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %v", list.Args, err)
	}
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		path, isProgram := fields[0], fields[1] == "main"
		if isProgram || strings.Contains(path, "/internal/") || strings.HasPrefix(path, module+"/tests/") {
			continue
		}
		has, excused := hasExample(t, fields[2]), withoutExample[path] != ""
		switch {
		case !has && !excused:
			t.Errorf("%s has no example: begin its go doc with one", path)
		case has && excused:
			t.Errorf("%s has an example: leave it out of withoutExample", path)
		}
	}
}

// hasExample reports whether a test file of the folder declares an example.
func hasExample(t *testing.T, folder string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("\nfunc Example")) {
			return true
		}
	}
	return false
}
