package detect

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/internal/seal"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	models.Register(&models.Model{
		Name: "mean colour", Title: "mean colour", ImageSize: 2, Features: 3,
		Backbone: func(scope *model.Scope, images *graph.Node) *graph.Node { return graph.ReduceMean(images, 1, 2) },
	})
}

// savedDetector returns the content of a small detector's file.
func savedDetector(t testing.TB) []byte {
	t.Helper()
	n, err := network.Description{
		Model: "mean colour", Loss: "dismax", ClassNames: []string{"a", "b"}, Height: 2, Width: 2,
		Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1},
	}.Network()
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if _, err := model.CallOnce(testkit.Backend(t), store, n.Logits, [][][][]uint8{{{{1, 2, 3}}}}); err != nil {
		t.Fatal(err)
	}
	heldOut := &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{1, 2}, {3, 4}})}}
	d, err := New(testkit.Backend(t), Parts{Network: n, Weights: store, Score: dismaxlib.MPS}, heldOut, Percentile(5))
	if err != nil {
		t.Fatal(err)
	}
	content, err := d.encode()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAnyChangedByteOfADetectorIsNoticed(t *testing.T) {
	content := savedDetector(t)
	if _, err := decode(testkit.Backend(t), content); err != nil {
		t.Fatalf("the file as it was saved: %v", err)
	}
	for at := range content {
		changed := bytes.Clone(content)
		changed[at] ^= 1 << (at % 8)
		if _, err := decode(testkit.Backend(t), changed); err == nil {
			t.Errorf("byte %d of %d was changed and the detector was loaded", at, len(content))
		}
	}
}

// rewritten returns the detector's file, sealed again, with the entry replaced by what change returns, or left out for
// nil.
func rewritten(t testing.TB, content []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var buffer bytes.Buffer
	to := zip.NewWriter(&buffer)
	for _, file := range from.File {
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		entry, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name == name {
			if entry = change(entry); entry == nil {
				continue
			}
		}
		w, err := to.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(entry)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.SetComment(string(seal.Placeholder)); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	sealed := buffer.Bytes()
	seal.Seal(sealed, len(sealed)-seal.Size)
	return sealed
}

func TestDamagedFilesAreRefused(t *testing.T) {
	good := savedDetector(t)
	replace := func(old, new string) func([]byte) []byte {
		return func(entry []byte) []byte {
			if !bytes.Contains(entry, []byte(old)) {
				t.Fatalf("the entry does not hold %q:\n%s", old, entry)
			}
			return bytes.Replace(entry, []byte(old), []byte(new), 1)
		}
	}
	remove := func([]byte) []byte { return nil }
	const manifest, prototypes = manifestName, "weights/head/prototypes.npy"
	for name, c := range map[string]struct {
		content []byte
		word    string
	}{
		"cut":           {good[:len(good)/2], "not copied whole"},
		"no manifest":   {rewritten(t, good, manifest, remove), "not a detector"},
		"no JSON":       {rewritten(t, good, manifest, replace("{", "[")), "manifest.json"},
		"format of old": {rewritten(t, good, manifest, replace(`"format": 2`, `"format": 1`)), "dismax export"},
		"unknown score": {rewritten(t, good, manifest, replace(`"MPS"`, `"X"`)), "unknown score"},
		"unknown model": {rewritten(t, good, manifest, replace(`"mean colour"`, `"X"`)), "unknown model"},
		"large images":  {rewritten(t, good, manifest, replace(`"height": 2`, `"height": 1000000`)), "pixels"},
		"parameters":    {rewritten(t, good, manifest, replace(`"score": "MPS"`, `"score": "MPS", "score_parameters": {"k": 1}`)), "parameters"},
		"temperature":   {rewritten(t, good, manifest, replace(`"temperature": 1`, `"temperature": -1`)), "temperature"},
		"odd counts":    {rewritten(t, good, manifest, replace(`"temperature": 1`, `"temperature": 1, "measured": [{"set": "x", "inputs": 1, "refused": 2}]`)), "contradicts"},
		"no set's name": {rewritten(t, good, manifest, replace(`"temperature": 1`, `"temperature": 1, "measured": [{"inputs": 2, "refused": 1}]`)), "says nothing"},
		"no weight":     {rewritten(t, good, prototypes, remove), "prototypes"},
		"cut weight":    {rewritten(t, good, prototypes, func(entry []byte) []byte { return entry[:20] }), "prototypes"},
		"odd shape":     {rewritten(t, good, prototypes, replace("(2, 3)", "(-2,3)")), "prototypes"},
		"huge shape":    {rewritten(t, good, prototypes, replace("(2, 3)", "(2,39999999)")), "prototypes"},
		"odd weight":    {rewritten(t, good, manifest, replace(`"/head/prototypes"`, `"/../prototypes"`)), "neither"},
		"lacks one":     {rewritten(t, good, manifest, replace(`"/head/prototypes",`, ``)), "lack"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "damaged")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(testkit.Backend(t), path)
			if err == nil || !strings.Contains(err.Error(), c.word) || !strings.Contains(err.Error(), path) {
				t.Errorf("error: got %v, want one that names the file and says %q", err, c.word)
			}
		})
	}
	if _, err := Load(testkit.Backend(t), filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a file that is not there: got %v", err)
	}
}

func TestADetectorOfAnEarlierFormatSaysHowToMakeItAnew(t *testing.T) {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	entry, err := archive.Create(manifestName) // compressed, and its network has other fields
	if err == nil {
		_, err = entry.Write([]byte(`{"format": 1, "network": {"model": "resnet8", "classes": 10}, "threshold": null}`))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = decode(testkit.Backend(t), file.Bytes())
	if err == nil || !strings.Contains(err.Error(), "it has format 1") || !strings.Contains(err.Error(), "dismax export") {
		t.Errorf("error: got %v, want one that names the format and dismax export", err)
	}
}

func TestAThresholdThatIsNotFiniteIsRefused(t *testing.T) {
	good := savedDetector(t)
	broken := rewritten(t, good, manifestName, func(entry []byte) []byte {
		return bytes.Replace(entry, []byte(`"threshold": `), []byte(`"threshold": 1e999, "was": `), 1)
	})
	if d, err := decode(testkit.Backend(t), broken); err == nil {
		t.Errorf("got a detector with threshold %g, want an error", d.threshold.Value)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(savedDetector(f))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, content []byte) { _, _ = decode(testkit.Backend(t), content) })
}
