package endtoend

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// photos makes a folder of two classes of a few images each, among them one of WebP and one on its side.
func photos(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, class := range []string{"bright", "dark"} {
		if err := os.Mkdir(filepath.Join(folder, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			shade := uint8(5 * i)
			if class == "bright" {
				shade += 140
			}
			writeFile(t, filepath.Join(folder, class, fmt.Sprintf("%02d.png", i)), picture(color.Gray{shade}))
		}
	}
	for _, name := range []string{"lossy.webp", "oriented.jpg"} {
		content, err := os.ReadFile(filepath.Join("../../datasets/internal/pixels/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, "bright", name), content)
	}
	return folder
}

func TestAFolderOfAFewPhotosIsLearned(t *testing.T) {
	folder, run := photos(t), filepath.Join(t.TempDir(), "run")
	learn := []string{"run", "--data", folder, "--model", "resnet8", "--epochs", "2", "--size", "40", "--out", run}
	output := succeed(t, dismax(t, learn...))
	for _, says := range []string{"of 40x40 pixels", "batches of 4 images instead of 64", "there is no out-of-distribution set",
		"Before you compare:", "Tested on only"} {
		if !strings.Contains(output, says) {
			t.Errorf("run does not print %q:\n%s", says, output)
		}
	}
	if r := read(t, run); r.Spec.BatchSize != 4 || r.Spec.ImageSize != 40 || r.Model.Height != 40 {
		t.Errorf("batches of %d images of %d pixels, and a network for %d; want 4, 40 and 40",
			r.Spec.BatchSize, r.Spec.ImageSize, r.Model.Height)
	}
	if output := succeed(t, dismax(t, learn...)); !strings.Contains(output, "finished already") {
		t.Errorf("the same command again:\n%s", output)
	}
	succeed(t, dismax(t, "rerun", run, "--data", folder, "--out", run+"2"))

	detector := filepath.Join(folder, "photos.dismax")
	failsWith(t, "it would refuse nothing; that takes 19", "export", run, detector)
	if _, err := os.Stat(detector); err == nil {
		t.Error("the detector that would refuse nothing was written")
	}
	succeed(t, dismax(t, "export", run, detector, "--refused", "0.4"))
	if output := succeed(t, dismax(t, "detect", detector, filepath.Join(folder, "bright"))); !strings.Contains(output, "lossy.webp") {
		t.Errorf("detect passes over the WebP image:\n%s", output)
	}
}
