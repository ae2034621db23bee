package endtoend

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exported returns the detector of a small run, and a folder of 70 images: more than are asked about at once.
func exported(t *testing.T, flags ...string) (detector, images string) {
	t.Helper()
	run, folder := t.TempDir(), t.TempDir()
	succeed(t, dismax(t, smallRun(run, "--quiet")...))
	detector = filepath.Join(folder, "small.dismax")
	succeed(t, dismax(t, append([]string{"export", run, detector}, flags...)...))
	for i := range 70 {
		writeFile(t, filepath.Join(folder, fmt.Sprintf("%02d.png", i)), picture(color.Gray{uint8(3 * i)}))
	}
	return detector, folder
}

// statusOf runs a command and returns what it wrote and its exit status.
func statusOf(t *testing.T, command *exec.Cmd) (out, problems string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	command.Stdout, command.Stderr = &o, &e
	_ = command.Run()
	return o.String(), e.String(), command.ProcessState.ExitCode()
}

// answer is a line of detect --json.
type answer struct {
	Image         string
	In            bool `json:"in_distribution"`
	Class         string
	Probability   float64
	Score         float64
	Threshold     float64
	Probabilities map[string]float64
}

func answersIn(t *testing.T, out string) (answers []answer) {
	t.Helper()
	for line := range strings.Lines(out) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("detect --json printed %q: %v", line, err)
		}
		answers = append(answers, a)
	}
	return answers
}

func TestDetectAnswersScripts(t *testing.T) {
	detector, folder := exported(t)
	out, _, status := statusOf(t, dismax(t, "detect", "--json", detector, folder))
	answers := answersIn(t, out)
	if status != 0 || len(answers) != 70 {
		t.Fatalf("exit status %d and %d answers, want 0 and 70", status, len(answers))
	}
	refused := 0
	for _, a := range answers {
		sum := 0.0
		for _, probability := range a.Probabilities {
			sum += probability
		}
		if math.Abs(sum-1) > 1e-6 || a.Probabilities[a.Class] != a.Probability || a.In != (a.Score >= a.Threshold) {
			t.Errorf("an answer that contradicts itself: %+v", a)
		}
		if !a.In {
			refused++
		}
	}

	names := dismax(t, "detect", "--csv", "--detector", detector, "-")
	names.Stdin = strings.NewReader(answers[0].Image + "\n\n" + filepath.Join(folder, "69.png"))
	out, _, _ = statusOf(t, names)
	lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(lines) != 3 || lines[0][0] != "image" || len(lines[1]) != 6+len(answers[0].Probabilities) {
		t.Errorf("detect --csv of two names from standard input printed (error: %v)\n%s", err, out)
	}

	want := 0
	if refused > 0 {
		want = 3
	}
	if _, _, status := statusOf(t, dismax(t, "detect", "--fail-on-out", detector, folder)); status != want {
		t.Errorf("--fail-on-out with %d images out-of-distribution: exit status %d, want %d", refused, status, want)
	}
}

func TestFailOnOutTellsByItsStatus(t *testing.T) {
	detector, folder := exported(t, "--refused", "0.9")
	_, problems, status := statusOf(t, dismax(t, "detect", "--fail-on-out", detector, folder))
	if status != 3 || !strings.Contains(problems, "out-of-distribution, and --fail-on-out was given") {
		t.Errorf("exit status %d, want 3, and on standard error\n%s", status, problems)
	}
}

func TestDetectReportsBadFilesAndAnswersTheRest(t *testing.T) {
	detector, folder := exported(t)
	bad := filepath.Join(folder, "bad.png")
	writeFile(t, bad, []byte("text"))
	out, problems, status := statusOf(t, dismax(t, "detect", "--json", detector, folder))
	if answers := answersIn(t, out); len(answers) != 70 || status != 1 {
		t.Errorf("%d answers and exit status %d, want 70 and 1", len(answers), status)
	}
	if !strings.Contains(problems, "dismax: "+bad) || !strings.Contains(problems, "1 of 71 files could not be read") {
		t.Errorf("standard error does not name the bad file:\n%s", problems)
	}
	command := dismax(t, "detect", "--json", "--detector", detector, "-")
	command.Stdin = strings.NewReader(filepath.Join(folder, "absent.png") + "\n" + filepath.Join(folder, "00.png") + "\n")
	out, problems, status = statusOf(t, command)
	if answers := answersIn(t, out); len(answers) != 1 || status != 1 || !strings.Contains(problems, "absent.png") {
		t.Errorf("%d answers and exit status %d, want 1 and 1; on standard error\n%s", len(answers), status, problems)
	}
}

func TestDetectWithoutImagesDescribesTheDetector(t *testing.T) {
	detector, _ := exported(t)
	text := succeed(t, dismax(t, "detect", detector))
	for _, says := range []string{"resnet8, trained with dismax", "32x32 pixels", "MMLES, max-mean logit entropy score",
		"what scores less is out-of-distribution", "conformal, at most 5%", "temperature"} {
		if !strings.Contains(text, says) {
			t.Errorf("the description does not say %q:\n%s", says, text)
		}
	}
	var description struct {
		Classes []string
		Rule    string `json:"threshold_rule"`
	}
	out, _, _ := statusOf(t, dismax(t, "detect", "--json", detector))
	if err := json.Unmarshal([]byte(out), &description); err != nil || len(description.Classes) < 2 || description.Rule == "" {
		t.Errorf("detect --json without images printed (error: %v)\n%s", err, out)
	}
}
