package endtoend

import (
	"archive/zip"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
)

// realPhotos unpacks some test images of CIFAR-10, the same number of each class, into folders of their classes.
func realPhotos(t *testing.T, each int) string {
	t.Helper()
	data := os.Getenv(datasets.DataVariable)
	archives, err := filepath.Glob(filepath.Join(data, "cifar10*.zip"))
	if data == "" || err != nil || len(archives) == 0 {
		t.Skipf("set %s to a folder with cifar10*.zip, a zip of images, to try real ones", datasets.DataVariable)
	}
	archive, err := zip.OpenReader(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	folder, taken := t.TempDir(), map[string]int{}
	for _, file := range archive.File {
		class := path.Base(path.Dir(file.Name))
		if !strings.HasPrefix(file.Name, "test/") || file.FileInfo().IsDir() || taken[class] == each {
			continue
		}
		taken[class]++
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(folder, class), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, class, path.Base(file.Name)), content)
	}
	return folder
}

// What people do with their own models and data, on real images. What the commands print is in the test's log.
func TestRealImagesAllTheWay(t *testing.T) {
	photos, folder := realPhotos(t, 12), t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	try := func(args ...string) string {
		command := dismax(t, args...)
		command.Env = append(command.Env, datasets.DataVariable+"="+os.Getenv(datasets.DataVariable))
		output := succeed(t, command)
		t.Logf("dismax %s\n%s", strings.Join(args, " "), output)
		return output
	}
	try("run", "--dataset", "cifar10", "--model", "resnet8", "--epochs", "2", "--train-limit", "2000", "--test-limit", "400",
		"--schedule", "cosine", "--log", at("log.csv"), "--out", at("run"))
	try("report", at("run"))
	try("export", at("run"), at("cifar10.dismax"))
	try("detect", at("cifar10.dismax"))
	try("detect", at("cifar10.dismax"), filepath.Join(photos, "cat"))
	if output := try("detect", "--csv", at("cifar10.dismax"), photos); strings.Count(output, "\n") < 121 {
		t.Errorf("detect --csv of 120 photos prints\n%s", output)
	}
	logits := at("run/logits")
	try("evaluate", "--logits", filepath.Join(logits, "test.npy"), "--labels", filepath.Join(logits, "test-labels.npy"),
		"--validation-logits", filepath.Join(logits, "validation.npy"),
		"--validation-labels", filepath.Join(logits, "validation-labels.npy"),
		"--out-logits", filepath.Join(logits, "tinyimagenet.npy"), "--out", at("evaluated"))
	try("report", at("evaluated"))
	try("run", "--data", photos, "--model", "resnet8", "--weights", at("run"), "--freeze-backbone", "--epochs", "3",
		"--ood", "synthetic-far", "--out", at("tuned"))
	try("run", "--data", photos, "--model", "resnet8", "--size", "40", "--epochs", "1", "--out", at("photos"))
}
