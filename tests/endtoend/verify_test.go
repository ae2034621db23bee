package endtoend

import (
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fails runs the command, which must end with the status, and returns what it wrote.
func fails(t *testing.T, status int, args ...string) (output string) {
	t.Helper()
	command := dismax(t, args...)
	text, _ := command.CombinedOutput()
	if got := command.ProcessState.ExitCode(); got != status {
		t.Errorf("dismax %s: exit status %d, want %d\n%s", strings.Join(args, " "), got, status, text)
	}
	return string(text)
}

// checkFailure makes sure that a command failed with the status and says in its last line, and in no other, why.
func checkFailure(t *testing.T, command *exec.Cmd, output string, status int, says ...string) {
	t.Helper()
	if got := command.ProcessState.ExitCode(); got != status {
		t.Errorf("exit status %d, want %d\n%s", got, status, output)
	}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "dismax: ") || strings.Count("\n"+output, "\ndismax: ") != 1 || strings.Contains(output, "goroutine") {
		t.Errorf("want one line of the problem, got\n%s", output)
	}
	for _, word := range says {
		if !strings.Contains(last, word) {
			t.Errorf("%q does not say %q", last, word)
		}
	}
}

func TestVerifyFindsWhatChanged(t *testing.T) {
	root := t.TempDir()
	run, detector, weights := filepath.Join(root, "run"), filepath.Join(root, "x.dismax"), filepath.Join(root, "x.safetensors")
	succeed(t, dismax(t, smallRun(run)...))
	succeed(t, dismax(t, "export", run, detector))
	succeed(t, dismax(t, "export", run, weights))
	all := succeed(t, dismax(t, "verify", run, detector, weights, filepath.Join(run, "record.json")))
	for _, says := range []string{"record.json: record", "test.npy: logits of test", "checkpoint: weights", "x.dismax: detector"} {
		if !strings.Contains(all, says) {
			t.Errorf("verify does not print %q:\n%s", says, all)
		}
	}
	for _, name := range []string{"run/logits/test-labels.npy", "x.dismax", "x.safetensors", "run/record.json"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		content[len(content)-1] ^= 1
		writeFile(t, path, content)
		output := fails(t, 1, "verify", "--quiet", run, detector, weights)
		content[len(content)-1] ^= 1
		writeFile(t, path, content)
		if lines := strings.Split(output, "\n"); !strings.Contains(lines[0], "WRONG  "+path) || !strings.Contains(lines[1], "dismax: 1 of ") {
			t.Errorf("%s changed: verify prints\n%s", name, output)
		}
	}
	fails(t, 2, "verify", filepath.Join(root, "absent"))
	if below := succeed(t, dismax(t, "verify", root)); !strings.Contains(below, "test.npy: logits of test") {
		t.Errorf("verify of a folder with a run below prints:\n%s", below)
	}
	fails(t, 1, "verify", t.TempDir())
}

func TestRerunDoesTheSameBitForBit(t *testing.T) {
	root := t.TempDir()
	flowers, stones := filepath.Join(root, "flowers.zip"), filepath.Join(root, "stones")
	writeZip(t, flowers)
	if err := os.Mkdir(stones, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(stones, "1.png"), picture(color.White))
	run, moved := filepath.Join(root, "run"), filepath.Join(root, "moved.zip")
	succeed(t, dismax(t, "run", "--data", flowers, "--ood", stones, "--model", "resnet8", "--epochs", "1",
		"--batch-size", "8", "--validation-share", "0.2", "--out", run))
	if err := os.Rename(flowers, moved); err != nil {
		t.Fatal(err)
	}
	fails(t, 2, "rerun", run, "--out", run)
	fails(t, 2, "rerun", run, "--out", filepath.Join(root, "again"), "--data", moved, "--ood", stones, "--ood", stones)
	output := succeed(t, dismax(t, "rerun", run, "--out", filepath.Join(root, "again"), "--data", moved, "--ood", stones))
	for _, says := range []string{"the same, bit for bit", "under other circumstances: spec.dataset"} {
		if !strings.Contains(output, says) {
			t.Errorf("rerun does not print %q:\n%s", says, output)
		}
	}

	writeFile(t, filepath.Join(stones, "1.png"), picture(color.RGBA{200, 90, 0, 255}))
	output = fails(t, 1, "rerun", run, "--out", filepath.Join(root, "other"), "--data", moved, "--ood", stones)
	if !strings.Contains(output, "out_of_distribution[0].set.sha256") || strings.Contains(output, "\nepochs[0].loss") {
		t.Errorf("another out-of-distribution set: rerun prints\n%s", output)
	}
}

func TestNamesOfFilesCannotForgeOutput(t *testing.T) {
	root := t.TempDir()
	run, detector, images := filepath.Join(root, "run"), filepath.Join(root, "x.dismax"), filepath.Join(root, "images")
	succeed(t, dismax(t, smallRun(run)...))
	succeed(t, dismax(t, "export", run, detector))
	if err := os.Mkdir(images, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(images, "a\nforged  in  cat\x1b[2J.png"), picture(color.White))
	output := succeed(t, dismax(t, "detect", detector, images)) // the table of two lines, and what decided in two
	if lines := strings.Count(output, "\n"); lines != 4 || strings.ContainsRune(output, '\x1b') {
		t.Errorf("detect prints %d lines, want 4 without escape codes:\n%q", lines, output)
	}
	if whole := `a\nforged  in  cat\x1b[2J.png`; !strings.Contains(output, whole+"\n") {
		t.Errorf("detect does not print the name %s in one piece:\n%q", whole, output)
	}
	writeFile(t, filepath.Join(images, "b\x1b[2J\n.png"), []byte("no image"))
	output = fails(t, 1, "detect", detector, images) // the bad file, the table, what decided, the error
	if lines := strings.Count(output, "\n"); lines != 6 || strings.ContainsRune(output, '\x1b') {
		t.Errorf("detect prints %d lines of a good and a bad file, want 6 without escape codes:\n%q", lines, output)
	}
}
