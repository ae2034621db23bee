package endtoend

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// program builds the dismax program once.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "dismax")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "dismax")
	output, err := exec.Command("go", "build", "-o", path, "github.com/dismax-go/dismax/dismaxlib/cmd/dismax").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building dismax: %w\n%s", err, output)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(status)
}

// dismax prepares a command on the Go backend, which every machine has.
func dismax(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = append(os.Environ(), "XDG_CACHE_HOME="+t.TempDir(), "DISMAX_DATA=", "DISMAX_OFFLINE=1")
	if os.Getenv("GOMLX_BACKEND") == "" {
		command.Env = append(command.Env, "GOMLX_BACKEND=goconv")
	}
	return command
}

// succeed runs the command and fails the test unless it succeeds.
func succeed(t *testing.T, command *exec.Cmd) (output string) {
	t.Helper()
	text, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command.Args[1:], " "), err, text)
	}
	return string(text)
}

// smallRun are the flags of a run of a few seconds.
func smallRun(out string, more ...string) []string {
	return append([]string{"run", "--model", "resnet8", "--epochs", "2", "--batch-size", "16",
		"--train-limit", "160", "--test-limit", "50", "--validation-share", "0.2", "--out", out}, more...)
}

func read(t *testing.T, folder string) *record.Record {
	t.Helper()
	r, err := record.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRunAndReportForEveryLoss(t *testing.T) {
	root := t.TempDir()
	report := []string{"report", "--out", filepath.Join(root, "report")}
	for _, loss := range []string{"softmax", "isomax", "isomaxplus", "dismax", "dismax-fpr"} {
		folder := filepath.Join(root, loss)
		output := succeed(t, dismax(t, smallRun(folder, "--loss", loss)...))
		if !strings.Contains(output, "AUROC") {
			t.Errorf("%s: the output has no table:\n%s", loss, output)
		}
		checkRecord(t, read(t, folder), loss)
		report = append(report, folder)
	}
	succeed(t, dismax(t, report...))
	for _, name := range []string{"report.html", "report.md", "results.csv"} {
		if info, err := os.Stat(filepath.Join(root, "report", name)); err != nil || info.Size() == 0 {
			t.Errorf("the report has no %s: %v", name, err)
		}
	}
}

func checkRecord(t *testing.T, r *record.Record, loss string) {
	t.Helper()
	if r.Spec.Loss != loss || len(r.Epochs) != 2 || r.Data.Train.Images != 130 || r.Data.Validation.Images != 30 {
		t.Errorf("%s: record of %s with %d epochs, %d training and %d validation images; want 2, 130 and 30",
			loss, r.Spec.Loss, len(r.Epochs), r.Data.Train.Images, r.Data.Validation.Images)
	}
	if r.Versions.GoMLX == "" || r.Backend.Name == "" || len(r.Data.Test.SHA256) != 64 || r.Model.Parameters < 70_000 {
		t.Errorf("%s: versions %+v, backend %+v, data %+v or model %+v incomplete",
			loss, r.Versions, r.Backend, r.Data.Test, r.Model)
	}
	numbers := []float64{r.Epochs[0].Loss, r.Epochs[1].ImagesPerSecond, r.Test.Accuracy, r.Test.Temperature,
		r.Test.Before.NLL, r.Test.Before.ECE, r.Test.After.ECE}
	if len(r.OutOfDistribution) != 2 {
		t.Errorf("%s: %d out-of-distribution sets, want 2", loss, len(r.OutOfDistribution))
	}
	for _, out := range r.OutOfDistribution {
		for _, d := range out.Scores {
			numbers = append(numbers, d.AUROC, d.AUPRIn, d.AUPROut, d.FPR95)
		}
	}
	for i, number := range numbers {
		if math.IsNaN(number) || math.IsInf(number, 0) || number < 0 {
			t.Errorf("%s: number %d of the record is %g", loss, i, number)
		}
	}
}

func TestKilledRunGoesOnToTheSameResult(t *testing.T) {
	whole, killed := t.TempDir(), t.TempDir()
	flags := []string{"--epochs", "3", "--loss", "dismax-fpr", "--seed", "5"}
	succeed(t, dismax(t, smallRun(whole, flags...)...))

	command := dismax(t, smallRun(killed, flags...)...)
	startTraining(t, command)
	if err := command.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if _, err := record.Read(killed); err == nil {
		t.Fatal("the killed run left a record")
	}

	succeed(t, dismax(t, smallRun(killed, flags...)...))
	got, want := read(t, killed), read(t, whole)
	if got.Resumed != 1 {
		t.Errorf("the record says that the run was resumed %d times, want 1", got.Resumed)
	}
	for i := range want.Epochs {
		if got.Epochs[i].Loss != want.Epochs[i].Loss {
			t.Errorf("epoch %d: loss %.17g after the kill, want %.17g", i+1, got.Epochs[i].Loss, want.Epochs[i].Loss)
		}
	}
	if got.Test.Before.NLL != want.Test.Before.NLL {
		t.Errorf("test NLL %.17g after the kill, want %.17g", got.Test.Before.NLL, want.Test.Before.NLL)
	}
}

// waitFor reads the log until a line begins with the text, and then lets the program write on.
func waitFor(t *testing.T, log io.Reader, text string) {
	t.Helper()
	var seen bytes.Buffer
	buffer := make([]byte, 256)
	for !strings.Contains(seen.String(), text) {
		n, err := log.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("the program ended before it wrote %q:\n%s", text, seen.String())
		}
	}
	go io.Copy(io.Discard, log)
}

func TestAFinishedRunIsLeftAlone(t *testing.T) {
	folder := t.TempDir()
	succeed(t, dismax(t, smallRun(folder)...))
	before, err := os.ReadFile(filepath.Join(folder, record.FileName))
	if err != nil {
		t.Fatal(err)
	}
	output, err := dismax(t, smallRun(folder, "--model", "wideresnet-10-1")...).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "another spec") {
		t.Errorf("another model: error %v, output:\n%s\nwant one that says the folder holds another run", err, output)
	}
	if output := succeed(t, dismax(t, smallRun(folder)...)); !strings.Contains(output, "finished already") {
		t.Errorf("the same run: want to be told that it is finished, got:\n%s", output)
	}
	after, err := os.ReadFile(filepath.Join(folder, record.FileName))
	if err != nil || !bytes.Equal(after, before) {
		t.Errorf("the record of the finished run changed (%v)", err)
	}
	succeed(t, dismax(t, smallRun(folder, "--again", "--convention", "field")...))
	if got := read(t, folder).Spec.Convention; got != "field" {
		t.Errorf("evaluated again: the record has convention %q, want field", got)
	}
}

// TestOwnImages learns from a zip of image files and tests against a folder of them.
func TestOwnImages(t *testing.T) {
	root := t.TempDir()
	flowers, stones := filepath.Join(root, "flowers.zip"), filepath.Join(root, "stones")
	writeZip(t, flowers)
	if err := os.Mkdir(stones, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		writeFile(t, filepath.Join(stones, fmt.Sprintf("%d.png", i)), picture(color.RGBA{90, 90, uint8(20 * i), 255}))
	}
	for _, flag := range []string{"--data", "--dataset"} {
		out := filepath.Join(root, "out"+flag)
		succeed(t, dismax(t, "run", flag, flowers, "--ood", stones, "--ood", stones, "--model", "resnet8", "--epochs", "1",
			"--batch-size", "8", "--validation-share", "0.2", "--test-limit", "16", "--out", out))
		r := read(t, out)
		if r.Model.Classes != 2 || r.Data.Train.Name != "flowers" || len(r.OutOfDistribution) != 2 {
			t.Fatalf("%s: record of %d classes of %s with the out-of-distribution sets %+v; "+
				"want 2 classes of flowers and two sets", flag, r.Model.Classes, r.Data.Train.Name, r.OutOfDistribution)
		}
		for i, want := range []string{"stones", "stones-2"} {
			if set := r.OutOfDistribution[i].Set; set.Name != want || set.Images != 12 {
				t.Errorf("%s: the record has %d out-of-distribution images of %s, want 12 of %s",
					flag, set.Images, set.Name, want)
			}
		}
	}

	if err := os.Remove(flowers); err != nil {
		t.Fatal(err)
	}
	// A detector is made of the run's folder alone: its images need not be there any more.
	succeed(t, dismax(t, "export", filepath.Join(root, "out--data"), filepath.Join(root, "x.dismax"), "--refused", "0.2"))
}

func writeZip(t *testing.T, path string) {
	t.Helper()
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for split, count := range map[string]int{"train": 20, "test": 8} {
		for class, c := range map[string]color.RGBA{"red": {220, 30, 30, 255}, "blue": {30, 30, 220, 255}} {
			for i := range count {
				entry, err := archive.Create(fmt.Sprintf("%s/%s/%d.png", split, class, i))
				if err != nil {
					t.Fatal(err)
				}
				c.G = uint8(10 * i)
				if _, err := entry.Write(picture(c)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, content.Bytes())
}

// picture is a 32x32 PNG of one colour.
func picture(c color.Color) []byte { return pictureOf(c, 32) }

// pictureOf is a square PNG of one colour.
func pictureOf(c color.Color, size int) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			picture.Set(x, y, c)
		}
	}
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		panic(err)
	}
	return content.Bytes()
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWrongCommandLinesSayWhatToDo(t *testing.T) {
	cut := filepath.Join(t.TempDir(), "cifar10.zip")
	var whole bytes.Buffer
	archive := zip.NewWriter(&whole)
	if entry, err := archive.Create("train/cat/0.jpg"); err != nil || archive.Close() != nil {
		t.Fatal(entry, err)
	}
	writeFile(t, cut, whole.Bytes()[:whole.Len()-10])
	out, own := t.TempDir(), t.TempDir()
	for path, content := range map[string][]byte{
		"one class/cats/1.png": picture(color.Black), "archive/more.zip": whole.Bytes(), "empty/.hidden": nil,
		"text/a/1.png": picture(color.Black), "text/a/2.png": picture(color.Black), "text/a/3.png": picture(color.Black),
		"text/b/1.png": []byte("hello"), "text/b/2.png": picture(color.White), "text/b/3.png": picture(color.White),
		"few/a/1.png": picture(color.Black), "few/b/1.png": picture(color.White),
	} {
		path = filepath.Join(own, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, content)
	}
	for _, test := range []struct {
		args   string
		status int
		says   []string
	}{
		{"run", 2, []string{"--out"}},
		{"run --out OUT --frobnicate", 2, []string{"--frobnicate"}},
		{"run --out OUT --epochs many", 2, []string{"--epochs"}},
		{"run --out OUT --epochs 0", 2, []string{"epochs"}},
		{"run --out OUT --model resnet21", 2, []string{"resnet21", "resnet20"}},
		{"run --out OUT --loss hinge", 2, []string{"hinge", "dismax-fpr"}},
		{"run --out OUT --dataset cifar11", 2, []string{"cifar11", "cifar10"}},
		{"run --out OUT --dataset cifar10", 2, []string{"DISMAX_DATA",
			"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "MD5 c32a1d4ab5d03f1284b67883e8d87530", "to /"}},
		{"run --out OUT --dataset cifar10 --data /nowhere/at/all", 2, []string{"/nowhere/at/all"}},
		{"run --out OUT --dataset cifar10 --data " + cut, 1, []string{cut}},
		{"run --out OUT --data OWN/one_class", 1, []string{"one class", "two classes", "a folder for each class"}},
		{"run --out OUT --data OWN/archive", 1, []string{"more.zip", "unpack it"}},
		{"run --out OUT --data OWN/empty", 1, []string{"empty", "holds no images"}},
		{"run --out OUT --data OWN/text", 1, []string{"b/1.png", "not a JPEG, PNG or WebP"}},
		{"run --out OUT --data OWN/few", 1, []string{"few", "too few images"}},
		{"run --out OUT --train-limit 50 --ood OWN/empty", 1, []string{"empty", "holds no images"}},
		{"run --out OUT --backend abacus", 2, []string{"abacus", "goconv"}},
		{"run --out OUT --backend goconv --devices 2", 2, []string{"--devices", "goconv", "only one"}},
		{"run --out OUT --ood nothing", 2, []string{"nothing", "synthetic-near"}},
		{"run --out OUT --ood svhn", 2, []string{"svhn", "test_32x32.mat"}},
		{"datasets fetch synthetic cifar10", 2, []string{"allow the download", "MD5 c32a1d4ab5d03f1284b67883e8d87530"}},
		{"datasets fetch cifar11", 2, []string{"cifar11", "cifar10"}},
		{"datasets fetch imagenet", 2, []string{"imagenet", "https://image-net.org"}},
		{"report /nowhere/at/all", 2, []string{"/nowhere/at/all"}},
		{"report OUT", 2, []string{"record.json"}},
		{"teach", 2, []string{"teach"}},
	} {
		args := strings.Fields(test.args)
		for i := range args {
			args[i] = strings.NewReplacer("OUT", out, "OWN", own, "one_class", "one class").Replace(args[i])
		}
		command := dismax(t, args...)
		var errors bytes.Buffer
		command.Stderr = &errors
		_ = command.Run()
		if status := command.ProcessState.ExitCode(); status != test.status {
			t.Errorf("dismax %s: exit status %d, want %d\n%s", test.args, status, test.status, errors.String())
		}
		lines := strings.Split(strings.TrimSpace(errors.String()), "\n")
		for _, word := range test.says {
			if last := lines[len(lines)-1]; !strings.Contains(last, word) {
				t.Errorf("dismax %s: %q does not name %s", test.args, last, word)
			}
		}
	}
	if _, err := record.Read(out); err == nil {
		t.Error("a failed run left a record")
	}
}

func TestHelpIsEverywhere(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"run", "--help"}, {"report", "--help"}, {"backends", "--help"}} {
		if output := succeed(t, dismax(t, args...)); !strings.Contains(output, "Usage: dismax") {
			t.Errorf("dismax %v: no usage in\n%s", args, output)
		}
	}
	if output := succeed(t, dismax(t, "backends")); !strings.Contains(output, "goconv") {
		t.Errorf("dismax backends does not name goconv:\n%s", output)
	}
	if output := succeed(t, dismax(t, "--version")); !strings.Contains(output, "dismax ") || !strings.Contains(output, "go1.") {
		t.Errorf("dismax --version prints %q", output)
	}
	for _, args := range [][]string{{"datasets"}, {"datasets", "list"}} {
		output := succeed(t, dismax(t, args...))
		for _, want := range []string{"svhn", "99,289 images", "non-commercial", "http://ufldl.stanford.edu", "dismax/svhn"} {
			if !strings.Contains(output, want) {
				t.Errorf("dismax %v does not name %s:\n%s", args, want, output)
			}
		}
	}
	if output := succeed(t, dismax(t, "models")); !strings.Contains(output, "resnet34") {
		t.Errorf("dismax models does not name resnet34:\n%s", output)
	}
}
