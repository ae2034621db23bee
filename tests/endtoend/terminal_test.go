package endtoend

import (
	"fmt"
	"image/color"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// terminalWidth is how many characters a line of output has at most, names of files and addresses apart.
const terminalWidth = 80

// widthWithoutPaths counts the characters of a line without its words that name files, folders or addresses.
func widthWithoutPaths(line string) int {
	width := utf8.RuneCountInString(line)
	for word := range strings.FieldsSeq(line) {
		if strings.ContainsRune(word, '/') {
			width -= utf8.RuneCountInString(word)
		}
	}
	return width
}

// checkTerminal reports lines that are too wide, and Markdown.
func checkTerminal(t *testing.T, command, output string) {
	t.Helper()
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if width := widthWithoutPaths(line); width > terminalWidth {
			t.Errorf("dismax %s: a line has %d characters besides paths, want at most %d:\n%s", command, width, terminalWidth, line)
		}
		if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "#") || strings.Contains(line, "**") {
			t.Errorf("dismax %s prints Markdown:\n%s", command, line)
		}
	}
}

func TestWhatCommandsPrintFitsATerminal(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	for i := range 3 {
		writeFile(t, at(fmt.Sprintf("photo-%d.png", i)), picture(color.Gray{uint8(80 * i)}))
	}
	logits := filepath.Join(at("run"), "logits")
	for _, args := range [][]string{
		{"--help"}, {"run", "--help"}, {"detect", "--help"}, {"grid", "--help"},
		smallRun(at("run"), "--scores", "all"),
		{"run", "--out", at("run"), "--model", "resnet8", "--epochs", "2", "--batch-size", "16", "--train-limit", "160",
			"--test-limit", "50", "--validation-share", "0.2", "--scores", "all"}, // finished already
		{"report", at("run")},
		{"verify", at("run")},
		{"rerun", at("run"), "--out", at("again")},
		{"export", at("run"), at("x.dismax")},
		{"export", at("run"), at("x.safetensors")},
		{"verify", at("x.dismax"), at("x.safetensors")},
		{"detect", at("x.dismax")},
		{"detect", at("x.dismax"), folder},
		{"evaluate", "--logits", filepath.Join(logits, "test.npy"), "--labels", filepath.Join(logits, "test-labels.npy"),
			"--out-logits", filepath.Join(logits, "synthetic-far.npy"), "--out", at("evaluated")},
		{"models"}, {"models", "resnet20"}, {"models", "densenet-bc-100"}, {"models", "wideresnet-28-10"}, {"models", "resnet18-imagenet"},
		{"datasets"}, {"datasets", "fetch", "synthetic"},
		{"backends"},
		{"bench", "--steps", "1", "--warmup", "1", "--models", "resnet8:2"},
		{"grid", "list"}, {"grid", "list", "--scale", "cpu"}, {"grid", "list", "table2-cifar10"}, {"grid", "list", "held-out", "--scale", "cpu"},
		{"grid", "run", "efficiency", "--scale", "smoke", "--out", at("grid"), "--index", "0"},
		{"grid", "status", "efficiency", "--scale", "smoke", "--out", at("grid"), "--no-measure"},
		{"grid", "report", "efficiency", "--scale", "smoke", "--out", at("grid")},
		{"grid", "collect", "efficiency", "--scale", "smoke", "--from", at("grid"), "--out", at("kept")},
		{"grid", "run", "efficiency", "--scale", "smoke", "--out", at("grid"), "--index", "0"}, // finished already
	} {
		command := strings.ReplaceAll(strings.Join(args, " "), folder, "DIR")
		output := succeed(t, dismax(t, args...))
		t.Logf("dismax %s\n%s", command, output)
		checkTerminal(t, command, output)
	}
}
