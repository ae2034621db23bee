package endtoend

import (
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// A score, a loss, a model and a data set of a user's own are one short file each, in a module of the user's own, and
// have their place in run, report and detector under their own titles.
func TestAModuleOfOnesOwnAddsToTheCommand(t *testing.T) {
	program := buildOutside(t, "../../dismaxlib/examples/extend")
	folder := t.TempDir()
	run, report, detector := filepath.Join(folder, "run"), filepath.Join(folder, "report"), filepath.Join(folder, "own.dismax")
	extend := func(args ...string) string {
		command := dismax(t, args...)
		command.Path = program
		return succeed(t, command)
	}
	extend("run", "--dataset", "stripes", "--model", "two-layers", "--loss", "dismax-smooth", "--epochs", "1",
		"--test-limit", "60", "--out", run)
	r := read(t, run)
	if r.Loss.Title != "DisMax, smoothed labels" || r.Model.Title != "Two convolutions" || r.Data.Test.Title != "Stripes" {
		t.Errorf("titles in the record: got %q, %q and %q", r.Loss.Title, r.Model.Title, r.Data.Test.Title)
	}
	if r.Loss.Scores[0] != "MMLES" || !hasScore(r, "Spread") {
		t.Errorf("scores in the record: got %v, and of the loss %v; want Spread measured and MMLES shown first",
			r.OutOfDistribution[0].Scores, r.Loss.Scores)
	}
	extend("report", "--out", report, run)
	for _, file := range []string{"report.md", "report.html"} {
		page, err := os.ReadFile(filepath.Join(report, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, title := range []string{"DisMax, smoothed labels", "Two convolutions", "Stripes", "Spread, largest less mean logit"} {
			if !strings.Contains(string(page), title) {
				t.Errorf("%s does not show %q", file, title)
			}
		}
	}
	if output := extend("export", run, detector, "--score", "Spread"); !strings.Contains(output, "on Spread") {
		t.Errorf("export does not name the score:\n%s", output)
	}
	image := filepath.Join(folder, "image.png")
	writeFile(t, image, picture(color.White))
	if output := extend("detect", detector, image); !strings.Contains(output, "Spread") {
		t.Errorf("detect does not name the score:\n%s", output)
	}
}

func hasScore(r *record.Record, name string) bool {
	for _, detection := range r.OutOfDistribution[0].Scores {
		if detection.Score == name {
			return true
		}
	}
	return false
}

// buildOutside builds the program in the folder as a module of its own, which requires this one.
func buildOutside(t *testing.T, folder string) (program string) {
	t.Helper()
	module := t.TempDir()
	if err := os.CopyFS(module, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requirements, _ := strings.Cut(string(ours), "\ngo ")
	writeFile(t, filepath.Join(module, "go.mod"), fmt.Appendf(nil, `module example.com/outside

go %s
require github.com/dismax-go/dismax v0.0.0
replace github.com/dismax-go/dismax => %s
`, requirements, root))
	writeFile(t, filepath.Join(module, "go.sum"), sums)
	program = filepath.Join(module, "program")
	build := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", program, ".")
	build.Dir, build.Env = module, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building outside of the module: %v\n%s", err, output)
	}
	return program
}

func TestWhatOneAddsIsShort(t *testing.T) {
	for file, most := range map[string]int{"score.go": 5, "loss.go": 25, "model.go": 50, "dataset.go": 30} {
		content, err := os.ReadFile(filepath.Join("../../dismaxlib/examples/extend", file))
		if err != nil {
			t.Fatal(err)
		}
		_, code, _ := strings.Cut(string(content), "\n)\n") // after the imports
		lines := 0
		for line := range strings.Lines(code) {
			if strings.TrimSpace(line) != "" {
				lines++
			}
		}
		if lines == 0 || lines > most {
			t.Errorf("%s has %d lines after its imports, want at most %d", file, lines, most)
		}
	}
}
