package detect

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/gomlx/gomlx/ml/model"
)

// A detector's file is a zip of manifest.json and of the weights as NumPy arrays: weights/<path>.npy. Any tool can look
// into it, and the zip's checksums reveal damage.
const (
	fileFormat    = 1
	manifestName  = "manifest.json"
	weightsFolder = "weights"
	npySuffix     = ".npy"
)

// manifest is all of a detector but the weights; the temperature is among these.
type manifest struct {
	Format    int      `json:"format"`
	Network   Network  `json:"network"`
	Score     string   `json:"score"`
	Threshold *float64 `json:"threshold"` // null stands for -Inf, which JSON does not know
	Rule      string   `json:"threshold_rule"`

	// Temperature is for the reader's eyes and for the check that the threshold belongs to the weights.
	Temperature float64  `json:"temperature"`
	Weights     []string `json:"weights"`
}

// Save writes the detector into one file, which appears under its name only when it is complete. It refuses a detector
// without a valid threshold.
func (d *Detector) Save(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	threshold, err := d.validThreshold()
	if err != nil {
		return err
	}
	err = atomicfile.Write(path, func(w io.Writer) error { return d.write(w, threshold) })
	if err != nil {
		return fmt.Errorf("saving the detector: %w", err)
	}
	return nil
}

func (d *Detector) write(w io.Writer, threshold Threshold) error {
	m := manifest{
		Format: fileFormat, Network: d.network, Score: d.score.Name,
		Rule: threshold.Rule, Temperature: d.threshold.temperature,
	}
	if !math.IsInf(threshold.Value, -1) {
		m.Threshold = &threshold.Value
	}
	for variable := range d.store.IterVariables() {
		m.Weights = append(m.Weights, variable.Path())
	}
	slices.Sort(m.Weights)
	content, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	archive := zip.NewWriter(w)
	entry, err := archive.Create(manifestName)
	if err == nil {
		_, err = entry.Write(append(content, '\n'))
	}
	for _, path := range m.Weights {
		if err == nil {
			err = d.writeWeight(archive, path)
		}
	}
	if err == nil {
		err = archive.Close()
	}
	return err
}

func (d *Detector) writeWeight(archive *zip.Writer, path string) error {
	value, err := d.store.GetVariable(path).Value()
	if err != nil {
		return fmt.Errorf("reading weight %s: %w", path, err)
	}
	entry, err := archive.Create(weightEntry(path))
	if err == nil {
		err = numpy.ToNpyWriter(value, entry)
	}
	if err != nil {
		return fmt.Errorf("writing weight %s: %w", path, err)
	}
	return nil
}

// weightEntry is the name of a weight in the zip.
func weightEntry(path string) string { return weightsFolder + path + npySuffix }

// Load reads a detector that [Detector.Save] wrote. It answers at once: no Python, no training code and no network
// connection is needed. A model or a loss of your own must be registered under its name before.
func Load(backend compute.Backend, path string) (*Detector, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("loading a detector: %s: %w", path, err)
	}
	defer archive.Close()
	d, err := read(backend, &archive.Reader)
	if err != nil {
		return nil, fmt.Errorf("loading a detector: %s: %w", path, err)
	}
	return d, nil
}

func read(backend compute.Backend, archive *zip.Reader) (*Detector, error) {
	m, err := readManifest(archive)
	if err != nil {
		return nil, err
	}
	weights := model.NewStore()
	for _, path := range m.Weights {
		value, err := readWeight(archive, path)
		if err == nil {
			_, err = weights.CreateVariable(path, value)
		}
		if err != nil {
			return nil, fmt.Errorf("weight %s: %w", path, err)
		}
	}
	d, err := newDetector(backend, m.Network, m.Score, weights)
	if err != nil {
		return nil, err
	}
	temperature, err := dismaxlib.Temperature(weights)
	if err != nil {
		return nil, err
	}
	if temperature != m.Temperature {
		return nil, fmt.Errorf("the weights have temperature %g, the manifest says %g: %w",
			temperature, m.Temperature, ErrStaleThreshold)
	}
	d.threshold = &fitted{Threshold{Value: math.Inf(-1), Rule: m.Rule}, temperature}
	if m.Threshold != nil {
		d.threshold.Value = *m.Threshold
	}
	return d, nil
}

func readManifest(archive *zip.Reader) (*manifest, error) {
	file, err := archive.Open(manifestName)
	if err != nil {
		return nil, fmt.Errorf("it is not a detector: %w", err)
	}
	defer file.Close()
	m := new(manifest)
	if err := json.NewDecoder(file).Decode(m); err != nil {
		return nil, fmt.Errorf("reading %s: %w", manifestName, err)
	}
	if m.Format != fileFormat {
		return nil, fmt.Errorf("it has format %d, this program reads %d: save the detector again", m.Format, fileFormat)
	}
	return m, nil
}

// readWeight reads one array. The reader of NumPy files panics on some damaged ones.
func readWeight(archive *zip.Reader, path string) (value *tensors.Tensor, err error) {
	if !isWeight(path) {
		return nil, errors.New("it belongs neither to the backbone nor to the head")
	}
	file, err := archive.Open(weightEntry(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("it is damaged: %v", failure)
		}
	}()
	return numpy.FromNpyReader(file)
}
