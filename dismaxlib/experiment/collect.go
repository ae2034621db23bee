package experiment

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/atomicfile"
)

// gzipSuffix ends the names of compressed files.
const gzipSuffix = ".gz"

// CollectOptions say what [Collect] keeps.
type CollectOptions struct {
	// WithoutLogits keeps the record alone.
	WithoutLogits bool
}

// Collect copies a finished run into another folder, as small as tables, calibration and scores of logits allow: the
// record, and the logits and labels of every set, compressed by gzip without loss. Of the scores that do not go with
// the loss, it keeps the numbers without their histograms and ROC curves. Weights, features and states of scores stay
// behind, so no detector can be made of the copy; all else reads it like the run itself. Collecting once more leaves
// the same arrays and numbers, and collecting another run replaces the copy when all of it is there.
//
// It is an error if the folder to holds a run that is not such a copy, be it finished or not.
func Collect(from, to string, options CollectOptions) error {
	if err := collect(from, to, options); err != nil {
		return fmt.Errorf("collecting %s: %w", from, err)
	}
	return nil
}

func collect(from, to string, options CollectOptions) error {
	r, err := record.Read(from)
	if err != nil {
		return err
	}
	former, err := formerCopy(to)
	if err != nil {
		return err
	}
	outputs := r.Outputs
	r.Collected, r.Outputs, r.Fitted = true, nil, nil
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, entry := range outputs {
		if options.WithoutLogits {
			break
		}
		entry.Features = nil
		if entry.Logits, err = copyCompressed(from, to, entry.Logits, former); err != nil {
			return err
		}
		if entry.Labels != nil {
			labels, err := copyCompressed(from, to, *entry.Labels, former)
			if err != nil {
				return err
			}
			entry.Labels = &labels
		}
		r.Outputs = append(r.Outputs, entry)
	}
	dropCurves(r)
	if err := record.Write(to, r); err != nil {
		return err
	}
	if options.WithoutLogits {
		return os.RemoveAll(filepath.Join(to, logitsFolder)) // of an earlier copy with logits
	}
	return removeFormer(to, former, r)
}

// ofUnfinished are what a run, or a grid of runs, leaves in a folder before its record is there.
var ofUnfinished = []string{checkpointFolder, lockFile, "progress.json"}

// formerCopy returns the record of an earlier copy in the folder, nil if there is none, and refuses a folder with
// anything else of a run.
func formerCopy(to string) (*record.Record, error) {
	former, err := recordIn(to)
	if err != nil {
		return nil, err
	}
	if former != nil && !former.Collected {
		return nil, fmt.Errorf("%s holds a run with all that it left: collect into another folder", to)
	}
	for _, name := range ofUnfinished {
		if _, err := os.Stat(filepath.Join(to, name)); former == nil && err == nil {
			return nil, fmt.Errorf("%s holds %s of a run that is not finished: collect into another folder", to, name)
		}
	}
	return former, nil
}

// dropCurves keeps histograms and ROC curves of the scores that go with the loss, which reports show.
func dropCurves(r *record.Record) {
	for _, out := range r.OutOfDistribution {
		for i := range out.Scores {
			if d := &out.Scores[i]; !slices.Contains(r.Loss.Scores, d.Score) {
				d.Histogram, d.ROC = record.Histogram{}, nil
			}
		}
		if out.Floor != nil {
			out.Floor.Histogram, out.Floor.ROC = record.Histogram{}, nil
		}
	}
}

// copyCompressed copies a file that a record names from one folder to the other, compressed, and returns what the
// record of the copy says of it. A file that the former copy still names is not touched.
func copyCompressed(from, to string, file record.File, former *record.Record) (record.File, error) {
	content, _, err := readFile(from, file)
	if err != nil {
		return file, err
	}
	if !strings.HasSuffix(file.Name, gzipSuffix) {
		content = compress(content)
		file.Name += gzipSuffix
	}
	const suffix = npySuffix + gzipSuffix
	file = *fileBeside(former, strings.TrimSuffix(file.Name, suffix), suffix, content)
	at := filepath.Join(to, filepath.FromSlash(file.Name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return file, err
	}
	return file, atomicfile.Write(at, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// compress returns the same bytes for the same content: no name and no time is in them.
func compress(content []byte) []byte {
	var out bytes.Buffer
	writer, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = writer.Write(content)
	}
	if err = errors.Join(err, writer.Close()); err != nil {
		panic(fmt.Sprintf("experiment: compressing into memory: %v", err))
	}
	return out.Bytes()
}

// decompress undoes compress.
func decompress(content []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(reader, largestOutputs+1))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	if len(plain) > largestOutputs {
		return nil, fmt.Errorf("decompressing: more than %d bytes, more than any that a run writes", largestOutputs)
	}
	return plain, nil
}
