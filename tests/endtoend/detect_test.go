package endtoend

import (
	"encoding/json"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFinishedRunIsExportedAndAsked(t *testing.T) {
	run, folder := t.TempDir(), t.TempDir()
	succeed(t, dismax(t, smallRun(run)...))

	detector := filepath.Join(folder, "small.dismax")
	if output := succeed(t, dismax(t, "export", run, detector)); !strings.Contains(output, "conformal, at most 5%") {
		t.Errorf("export does not say how the threshold was chosen:\n%s", output)
	}
	images := filepath.Join(folder, "images")
	if err := os.MkdirAll(filepath.Join(images, "deeper"), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(images, "one.png"), picture(color.White))
	writeFile(t, filepath.Join(images, "deeper", "two.PNG"), picture(color.Black))
	writeFile(t, filepath.Join(images, "notes.txt"), []byte("no image"))
	table := succeed(t, dismax(t, "detect", detector, images))
	for _, says := range []string{"one.png", "two.PNG", "DISTRIBUTION", "of 2 images are out-of-distribution"} {
		if !strings.Contains(table, says) {
			t.Errorf("detect does not print %q:\n%s", says, table)
		}
	}
	if refused := fails(t, 1, "detect", "--memory-limit", "1kB", detector, images); !strings.Contains(refused, "--memory-limit") {
		t.Errorf("detect refuses an image without naming the flag that admits it:\n%s", refused)
	}
	succeed(t, dismax(t, "detect", "--memory-limit", "1GiB", detector, images))
	command := dismax(t, "detect", "--json", detector, filepath.Join(images, "one.png"))
	line, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Image       string
		Class       string
		Probability float64
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("detect --json printed %q: %v", line, err)
	}
	if filepath.Base(answer.Image) != "one.png" || answer.Class == "" || !(answer.Probability > 0 && answer.Probability <= 1) {
		t.Errorf("detect --json printed %s", line)
	}

	command = dismax(t, "export", run, detector, "--score", "NONE")
	if output, err := command.CombinedOutput(); err == nil || command.ProcessState.ExitCode() != 2 {
		t.Errorf("an unknown score: error %v, want exit status 2\n%s", err, output)
	}

	weights := filepath.Join(folder, "small.safetensors")
	succeed(t, dismax(t, "export", run, weights))
	content, err := os.ReadFile(weights)
	if err != nil || !strings.Contains(string(content), `"classifier.prototypes"`) {
		t.Errorf("the exported weights have no classifier.prototypes (error: %v)", err)
	}
}

func TestDetectAsksTheDetectorThatComesWithDismax(t *testing.T) {
	folder := t.TempDir()
	photo := filepath.Join(folder, "photo.png")
	writeFile(t, photo, pictureOf(color.Gray{90}, 200))
	names := dismax(t, "detect", "--json", "-")
	names.Stdin = strings.NewReader(photo)
	for name, command := range map[string]*exec.Cmd{
		"a photo": dismax(t, "detect", "--json", photo), "a folder": dismax(t, "detect", "--json", folder), "standard input": names,
	} {
		out, problems, status := statusOf(t, command)
		if answers := answersIn(t, out); status != 0 || len(answers) != 1 || len(answers[0].Probabilities) != 10 {
			t.Errorf("%s: exit status %d and answers %+v, want one answer of ten classes\n%s", name, status, answers, problems)
		}
		if !strings.Contains(problems, "the one that comes with dismax") || !strings.Contains(problems, "airplane") {
			t.Errorf("%s: standard error does not say which detector answers, and what it knows:\n%s", name, problems)
		}
	}
	text := succeed(t, dismax(t, "detect"))
	for _, says := range []string{"trained with dismax", "10: airplane", "of cifar10 refused", "missed"} {
		if !strings.Contains(text, says) {
			t.Errorf("the description does not say %q:\n%s", says, text)
		}
	}
}

func TestExportAndDetectRefuseWhatTheyCannotUse(t *testing.T) {
	folder := t.TempDir()
	notes := filepath.Join(folder, "notes.dismax")
	writeFile(t, notes, []byte("no detector"))
	other, photo := filepath.Join(t.TempDir(), "photo.heic"), filepath.Join(t.TempDir(), "photo.png")
	writeFile(t, other, nil)
	writeFile(t, photo, pictureOf(color.Gray{90}, 200))
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no such run":        {[]string{"export", filepath.Join(folder, "none"), "x.dismax"}, 2, "none"},
		"not a run":          {[]string{"export", folder, "x.dismax"}, 1, "record.json"},
		"unknown ending":     {[]string{"export", folder, "x.onnx"}, 2, ".safetensors"},
		"impossible share":   {[]string{"export", folder, "x.dismax", "--refused", "1.5"}, 2, "between 0 and 1"},
		"no such detector":   {[]string{"detect", filepath.Join(folder, "none.dismax"), folder}, 2, "none.dismax"},
		"not a detector":     {[]string{"detect", notes, notes}, 1, "notes.dismax"},
		"no such image":      {[]string{"detect", notes, filepath.Join(folder, "none.png")}, 2, "none.png"},
		"folder without any": {[]string{"detect", notes, folder}, 2, "no .jpg, .jpeg, .png or .webp"},
		"no such first one":  {[]string{"detect", filepath.Join(folder, "photo.jpg"), notes}, 2, "photo.jpg: there is no such file"},
		"detector last":      {[]string{"detect", photo, notes}, 2, "notes.dismax is a detector: name it before the images"},
		"other file first":   {[]string{"detect", other}, 2, "neither like an image (.jpg, .jpeg, .png or .webp) nor like a detector (.dismax)"},
		"nothing first":      {[]string{"detect", filepath.Join(folder, "none")}, 2, "no such detector, image or folder"},
		"no images first":    {[]string{"detect", folder}, 2, "no .jpg, .jpeg, .png or .webp"},
		"two forms":          {[]string{"detect", "--json", "--csv", notes}, 2, "can't be used together"},
	} {
		t.Run(name, func(t *testing.T) {
			command := dismax(t, test.args...)
			output, err := command.CombinedOutput()
			if err == nil || command.ProcessState.ExitCode() != test.status {
				t.Errorf("exit status %d, want %d\n%s", command.ProcessState.ExitCode(), test.status, output)
			}
			if lines := strings.Count(string(output), "\n"); lines != 1 || !strings.Contains(string(output), test.says) {
				t.Errorf("want one line that says %q, got:\n%s", test.says, output)
			}
		})
	}
}
