package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/npy"
	"github.com/gomlx/gomlx/core/tensors"
)

// arrayFile writes an array of NumPy and returns its path.
func arrayFile(t *testing.T, name string, value any) string {
	t.Helper()
	array, err := tensors.FromAnyValue(value)
	if err != nil {
		t.Fatal(err)
	}
	content, err := npy.Write(array)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLabelsAreIntegersOfAnyWidth(t *testing.T) {
	for name, value := range map[string]any{
		"int8": []int8{2, 0}, "int16": []int16{2, 0}, "int32": []int32{2, 0}, "int64": []int64{2, 0},
		"uint8": []uint8{2, 0}, "uint16": []uint16{2, 0}, "uint32": []uint32{2, 0}, "uint64": []uint64{2, 0},
	} {
		if got, err := readLabels("--labels", arrayFile(t, name, value)); err != nil || !slices.Equal(got, []int32{2, 0}) {
			t.Errorf("%s: got %v and error %v, want 2 and 0", name, got, err)
		}
	}
	for says, value := range map[string]any{
		"holds numbers of type Float32: save it as int64": []float32{2, 0},
		"holds a number that is no class":                 []uint64{1 << 63, 0},
	} {
		path := arrayFile(t, "labels.npy", value)
		if _, err := readLabels("--labels", path); err == nil || !strings.Contains(err.Error(), "--labels "+path+" "+says) {
			t.Errorf("got error %v, want one that says %q", err, says)
		}
	}
}

func TestWrongOutputsNameTheFlag(t *testing.T) {
	logits, labels := arrayFile(t, "test.npy", [][]float32{{1, 2}, {2, 1}}), arrayFile(t, "labels.npy", []int64{0, 1})
	other := arrayFile(t, "labels.npy", []int64{0, 7})
	out := filepath.Join(t.TempDir(), "out")
	for says, args := range map[string][]string{
		"--labels " + other + ": metrics: labels[1] is 7": {"--labels", other},
		"--score KNN needs --features":                    {"--labels", labels, "--score", "KNN"},
		"--score KNN needs --out-features":                {"--labels", labels, "--score", "KNN", "--features", logits, "--out-logits", logits},
		"--score KNN needs --train-logits":                {"--labels", labels, "--score", "KNN", "--features", logits},
		"--score KNN needs --train-features": {"--labels", labels, "--score", "KNN", "--features", logits,
			"--train-logits", logits, "--train-labels", labels},
		"--score ReAct needs --head-weights":   {"--labels", labels, "--score", "ReAct", "--features", logits},
		"--score MaxSimilarity needs the head": {"--labels", labels, "--score", "MaxSimilarity"},
		"--out-logits " + logits + " was given twice": {"--labels", labels, "--out-logits", logits,
			"--out-logits", logits},
	} {
		var problems bytes.Buffer
		status := Main(t.Context(), append([]string{"evaluate", "--logits", logits, "--out", out}, args...), &problems, &problems)
		if status == 0 || !strings.Contains(problems.String(), says) {
			t.Errorf("evaluate %s: exit status %d, want an error that says %q, got\n%s",
				strings.Join(args, " "), status, says, problems.String())
		}
	}
}
