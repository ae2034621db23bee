package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// logitsFolder is where a run's folder keeps what its model answered, per image: NumPy files that any tool reads.
const logitsFolder = "logits"

// saveLogits writes logits/<name>.npy, float32 [images, classes] at temperature 1, and the labels, if there are any,
// as logits/<name>-labels.npy, int32 [images].
func saveLogits(folder, name string, p *predicted) error {
	folder = filepath.Join(folder, logitsFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("saving logits: %w", err)
	}
	name = strings.ReplaceAll(name, string(filepath.Separator), "-")
	if err := numpy.ToNpyFile(p.logits, filepath.Join(folder, name+".npy")); err != nil {
		return fmt.Errorf("saving logits: %w", err)
	}
	if len(p.labels) == 0 {
		return nil
	}
	labels := tensors.FromFlatDataAndDimensions(p.labels, len(p.labels))
	if err := numpy.ToNpyFile(labels, filepath.Join(folder, name+"-labels.npy")); err != nil {
		return fmt.Errorf("saving labels: %w", err)
	}
	return nil
}

// LoadLogits reads what a finished run answered on one of its sets: "test", "validation" or the name of an
// out-of-distribution set. Logits are at temperature 1; labels are nil for a set without them.
func LoadLogits(folder, set string) (logits metrics.Logits, labels []int32, err error) {
	folder = filepath.Join(folder, logitsFolder)
	tensor, err := numpy.FromNpyFile(filepath.Join(folder, set+".npy"))
	if err != nil {
		return logits, nil, fmt.Errorf("loading logits of %s: %w", set, err)
	}
	if logits, err = training.LogitsOf(tensor); err != nil {
		return logits, nil, err
	}
	path := filepath.Join(folder, set+"-labels.npy")
	if _, missing := os.Stat(path); missing != nil {
		return logits, nil, nil
	}
	if tensor, err = numpy.FromNpyFile(path); err == nil {
		labels, err = tensors.CopyFlatData[int32](tensor)
	}
	if err != nil {
		return logits, nil, fmt.Errorf("loading labels of %s: %w", set, err)
	}
	return logits, labels, nil
}
