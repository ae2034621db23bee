package notebooks

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestAReadersChangeOfOneLineWorks executes notebooks in which one line is another. Every cell must run, and reach the line
// that is looked for; only that of the other folder tells the change itself.
func TestAReadersChangeOfOneLineWorks(t *testing.T) {
	for _, change := range []struct{ name, notebook, was, is, shows string }{
		{"another model", "03_table2_cifar10", `"resnet8", "dismax"`, `"densenet-bc-40", "dismax"`, "accuracy 0."},
		{"another loss", "10_your_own_data", `LossByName("dismax")`, `LossByName("isomaxplus")`, "threshold "},
		{"another folder", "10_your_own_data", `show.OwnImages(filepath.Join(folder, "images"), show.Number(3000, 300))`,
			strconv.Quote(photographs(t)), "96 training, 24 validation and 30 test images"},
	} {
		t.Run(change.name, func(t *testing.T) {
			needKernel(t, change.notebook)
			checkShows(t, execute(t, changed(t, change.notebook, change.was, change.is)), change.shows)
		})
	}
}

// checkShows looks for a text in what the cells of an executed notebook print.
func checkShows(t *testing.T, path, want string) {
	t.Helper()
	var shown strings.Builder
	for _, cell := range readNotebook(t, path).Cells {
		for _, output := range cell.Outputs {
			shown.WriteString(string(output.Text))
		}
	}
	if !strings.Contains(shown.String(), want) {
		t.Errorf("want %q in what it shows:\n%s", want, shown.String())
	}
}

// changed copies a notebook with another line in it to a place from which it finds what it finds from its own.
func changed(t *testing.T, name, was, is string) (path string) {
	t.Helper()
	inside := func(code string) string { // as the file writes it
		quoted, err := json.Marshal(code)
		if err != nil {
			t.Fatal(err)
		}
		return string(quoted[1 : len(quoted)-1])
	}
	content, err := os.ReadFile(filepath.Join(folder, name+".ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(content), inside(was)); n != 1 {
		t.Fatalf("%s has %d times %s, want once", name, n, was)
	}
	root := t.TempDir()
	path = filepath.Join(root, "notebooks", name+".ipynb")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, beside := range []string{"reports", "tests"} {
		there, err := filepath.Abs(filepath.Join(folder, "..", beside))
		if err == nil {
			err = os.Symlink(there, filepath.Join(root, beside))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), inside(was), inside(is), 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// photographs is a folder of three classes with a hue each: forty images of a class to learn, of which the notebook holds
// a fifth out, and ten to test on, of 40x30 pixels.
func photographs(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for part, images := range map[string]int{"train": 40, "test": 10} {
		for class, name := range []string{"blue", "green", "red"} {
			for i := range images {
				picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
				for p := range 40 * 30 {
					c := color.RGBA{A: 255}
					shade := uint8(80 + (p*(i+3)+7*i)%160)
					*[]*uint8{&c.B, &c.G, &c.R}[class] = shade
					picture.SetRGBA(p%40, p/40, c)
				}
				writePNG(t, filepath.Join(folder, part, name, strconv.Itoa(i)+".png"), picture)
			}
		}
	}
	return folder
}

func writePNG(t *testing.T, path string, picture image.Image) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}
