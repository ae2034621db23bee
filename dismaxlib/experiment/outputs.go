package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/npy"
	"github.com/gomlx/gomlx/core/tensors"
)

// A run's folder keeps what its network answered, per image, and the states of its scores: NumPy files that any tool
// reads, with their checksums in the record.
const (
	logitsFolder   = "logits"
	featuresFolder = "features"
	fittedFolder   = "fitted"
	npySuffix      = ".npy"
)

// largestOutputs bounds what is read of a file: the logits of ImageNet's images, ten times over.
const largestOutputs = 4 << 30

// saveOutputs writes the outputs of a set of images, and adds them to the record. Features are kept of the validation
// images alone, on which thresholds are fitted.
func (e *run) saveOutputs(set string, outputs *network.Outputs, labels []int32) error {
	name := strings.ReplaceAll(set, string(filepath.Separator), "-")
	entry := record.Outputs{Set: set}
	logits, err := e.saveArray(path.Join(logitsFolder, name), outputs.Logits)
	if err != nil {
		return err
	}
	entry.Logits = *logits
	if len(labels) > 0 {
		values := tensors.FromFlatDataAndDimensions(labels, len(labels))
		if entry.Labels, err = e.saveArray(path.Join(logitsFolder, name+"-labels"), values); err != nil {
			return err
		}
	}
	if set == validationSet && outputs.Features != nil {
		if entry.Features, err = e.saveArray(path.Join(featuresFolder, name), outputs.Features); err != nil {
			return err
		}
	}
	e.record.Outputs = append(e.record.Outputs, entry)
	return nil
}

// saveFitted writes the states of scores, and adds them to the record.
func (e *run) saveFitted(fitted map[string]dismaxlib.Fitted) error {
	for _, score := range slices.Sorted(maps.Keys(fitted)) {
		entry := record.Fitted{Score: score, State: map[string]record.File{}}
		for name, value := range fitted[score] {
			file, err := e.saveArray(path.Join(fittedFolder, score, name), value)
			if err != nil {
				return err
			}
			entry.State[name] = *file
		}
		e.record.Fitted = append(e.record.Fitted, entry)
	}
	return nil
}

// saveArray writes an array under the name, with slashes and without its suffix. A file that a finished run still names
// is not touched: the array gets a name of its own beside it.
func (e *run) saveArray(name string, value *tensors.Tensor) (*record.File, error) {
	content, err := npy.Write(value)
	if err != nil {
		return nil, fmt.Errorf("saving %s: %w", name, err)
	}
	name = e.freeName(name)
	file := fileBeside(e.former, name, npySuffix, content)
	if err := e.checkFolder(); err != nil {
		return nil, err
	}
	at := filepath.Join(e.options.Folder, filepath.FromSlash(file.Name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return nil, fmt.Errorf("saving %s: %w", name, err)
	}
	return file, atomicfile.Write(at, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// freeName returns the name, with a number if this run wrote another file of that name, as of the sets "x/y" and "x-y".
// Some file systems take names for equal that differ in their case alone.
func (e *run) freeName(name string) string {
	fresh := name
	for number := 2; slices.Contains(e.written, strings.ToLower(fresh)); number++ {
		fresh = fmt.Sprintf("%s-%d", name, number)
	}
	e.written = append(e.written, strings.ToLower(fresh))
	return fresh
}

// fileBeside identifies the content under the name and its suffix; or under another name, if the former record names a
// file of that name with other content.
func fileBeside(former *record.Record, name, suffix string, content []byte) *record.File {
	file := &record.File{Name: name + suffix, SHA256: checksumOf(content)}
	if former != nil && slices.ContainsFunc(former.Files(), func(f record.File) bool {
		return f.Name == file.Name && f.SHA256 != file.SHA256
	}) {
		file.Name = name + "-" + file.SHA256[:8] + suffix
	}
	return file
}

// checksumOf is the SHA-256 of a file's bytes, as records hold it.
func checksumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// checkFile compares a file that this run wrote with its checksum.
func checkFile(folder string, file record.File) error {
	at := filepath.Join(folder, filepath.FromSlash(file.Name))
	content, err := os.ReadFile(at)
	if err == nil && checksumOf(content) != file.SHA256 {
		err = fmt.Errorf("%s is not what was written", at)
	}
	return err
}

// loadArray reads an array of a run's folder, compressed or not, and verifies its checksum.
func loadArray(folder string, file record.File) (*tensors.Tensor, error) {
	content, at, err := readFile(folder, file)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(file.Name, gzipSuffix) {
		if content, err = decompress(content); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	value, err := npy.Read(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return value, nil
}

// readFile reads a file that a run's record names, verifies its checksum, and returns its path too.
func readFile(folder string, file record.File) (content []byte, at string, err error) {
	name := filepath.FromSlash(file.Name)
	at = filepath.Join(folder, name)
	if !filepath.IsLocal(name) {
		return nil, at, fmt.Errorf("%s: the record names a file outside of its folder, %s", folder, file.Name)
	}
	info, err := os.Stat(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, at, fmt.Errorf("%w: it belongs to the record beside it; evaluate the run again (dismax run --again)", err)
	}
	if err != nil {
		return nil, at, err
	}
	if info.Size() > largestOutputs {
		return nil, at, fmt.Errorf("%s has %d bytes, more than any that a run writes", at, info.Size())
	}
	if content, err = os.ReadFile(at); err != nil {
		return nil, at, err
	}
	if checksumOf(content) != file.SHA256 {
		return nil, at, fmt.Errorf("%s is not the file that the record names: its checksum is another; "+
			"evaluate the run again (dismax run --again)", at)
	}
	return content, at, nil
}

// loadOutputs reads what a finished run answered on one of its sets.
func loadOutputs(folder string, r *record.Record, set string) (*network.Outputs, []int32, error) {
	at := slices.IndexFunc(r.Outputs, func(o record.Outputs) bool { return o.Set == set })
	if at < 0 {
		var sets []string
		for _, o := range r.Outputs {
			sets = append(sets, o.Set)
		}
		return nil, nil, fmt.Errorf("the run in %s has no outputs of %q, only of %s", folder, set, strings.Join(sets, ", "))
	}
	entry, outputs := r.Outputs[at], &network.Outputs{}
	var err error
	if outputs.Logits, err = loadArray(folder, entry.Logits); err != nil {
		return nil, nil, err
	}
	if entry.Features != nil {
		if outputs.Features, err = loadArray(folder, *entry.Features); err != nil {
			return nil, nil, err
		}
	}
	if entry.Labels == nil {
		return outputs, nil, nil
	}
	values, err := loadArray(folder, *entry.Labels)
	if err != nil {
		return nil, nil, err
	}
	labels, err := tensors.CopyFlatData[int32](values)
	return outputs, labels, err
}

// LoadLogits reads what a finished run answered on one of its sets: "test", "validation" or the name of an
// out-of-distribution set. The folder is a run's own, or one that [Collect] made. The files' checksums must be those of the record. Logits are raw; labels are nil for a set
// without them.
func LoadLogits(folder, set string) (logits metrics.Logits, labels []int32, err error) {
	r, err := record.Read(folder)
	if err != nil {
		return logits, nil, fmt.Errorf("loading logits of %s: %w", set, err)
	}
	outputs, labels, err := loadOutputs(folder, r, set)
	if err == nil {
		logits, err = network.LogitsOf(outputs.Logits)
	}
	if err != nil {
		return logits, nil, fmt.Errorf("loading logits of %s: %w", set, err)
	}
	return logits, labels, nil
}
