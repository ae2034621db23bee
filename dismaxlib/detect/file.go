package detect

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/npy"
	"github.com/dismax-go/dismax/internal/seal"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A detector's file is a zip, not compressed, of manifest.json and of NumPy arrays: the weights as weights/<path>.npy
// and the state of the score as fitted/<name>.npy. Any tool can look into it. Its comment is the checksum of all its
// bytes.
const (
	fileFormat    = 2
	manifestName  = "manifest.json"
	weightsFolder = "weights"
	fittedFolder  = "fitted"
	npySuffix     = ".npy"
	zipStart      = "PK\x03\x04" // of a zip that holds anything
)

// largestFile bounds what Load takes into memory.
const largestFile = 4 << 30

// manifest is all of a detector but its arrays.
type manifest struct {
	Format          int                  `json:"format"`
	About           string               `json:"about,omitempty"`
	Network         *network.Description `json:"network,omitempty"` // none in a detector of outputs
	ClassNames      []string             `json:"class_names"`
	Score           string               `json:"score"` // a name of dismaxlib.ScoreByName
	ScoreParameters map[string]float64   `json:"score_parameters,omitempty"`
	Threshold       float64              `json:"threshold"` // on the score of raw logits
	Rule            string               `json:"threshold_rule"`
	Temperature     float64              `json:"temperature"` // of the probabilities
	Measured        []Measured           `json:"measured,omitempty"`
	Weights         []string             `json:"weights,omitempty"`
	Fitted          []string             `json:"fitted,omitempty"`
}

// Save writes the detector into one file, which appears under its name only when it is complete. The model, the loss
// and the score must be registered under their names, since the file has no more of them.
func (d *Detector) Save(path string) error {
	content, err := d.encode()
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("saving the detector: %w", err)
	}
	return nil
}

// encode returns the bytes of the file.
func (d *Detector) encode() ([]byte, error) {
	m := manifest{
		Format: fileFormat, About: d.parts.About, ClassNames: d.parts.ClassNames,
		Score: d.parts.Score.Name, ScoreParameters: d.parts.Score.Parameters,
		Threshold: d.threshold.Value, Rule: d.threshold.Rule, Temperature: d.parts.Temperature,
		Measured: d.Measured(), Fitted: slices.Sorted(maps.Keys(d.parts.Fitted)),
	}
	if registered, err := dismaxlib.ScoreByName(m.Score); err != nil || registered != d.parts.Score {
		return nil, fmt.Errorf("score %s is not the one that is registered by its name: dismaxlib.RegisterScore "+
			"makes it so, here and in the program that loads the file", m.Score)
	}
	arrays := map[string]*tensors.Tensor{}
	for name, value := range d.parts.Fitted {
		arrays[entryName(fittedFolder, name)] = value
	}
	if d.parts.Network != nil {
		description, err := d.parts.Network.Describe()
		if err != nil {
			return nil, err
		}
		m.Network = &description
		for variable := range d.parts.Weights.IterVariables() {
			value, err := variable.Value()
			if err != nil {
				return nil, fmt.Errorf("reading weight %s: %w", variable.Path(), err)
			}
			m.Weights = append(m.Weights, variable.Path())
			arrays[entryName(weightsFolder, variable.Path())] = value
		}
		slices.Sort(m.Weights)
	}
	return encodeZip(m, arrays)
}

// entryName is the name of an array in the zip.
func entryName(folder, name string) string { return path.Join(folder, name) + npySuffix }

// encodeZip writes the zip and seals it.
func encodeZip(m manifest, arrays map[string]*tensors.Tensor) ([]byte, error) {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	add := func(name string, content []byte) error {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = entry.Write(content)
		}
		return err
	}
	content, err := json.MarshalIndent(m, "", " ")
	if err == nil {
		err = add(manifestName, append(content, '\n'))
	}
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		if err == nil {
			content, err = npy.Write(arrays[name])
		}
		if err == nil {
			err = add(name, content)
		}
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if err == nil {
		err = archive.SetComment(string(seal.Placeholder))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		return nil, err
	}
	sealed := file.Bytes()
	seal.Seal(sealed, len(sealed)-seal.Size)
	return sealed, nil
}

// Load reads a detector that [Detector.Save] wrote. It answers at once: no Python, no training code and no network
// connection is needed. A model, a loss or a score of your own must be registered under its name before. A file that is
// not, bit for bit, what was saved is refused.
func Load(backend compute.Backend, path string) (*Detector, error) {
	d, err := load(backend, path)
	if err != nil {
		return nil, fmt.Errorf("loading a detector: %s: %w", path, err)
	}
	return d, nil
}

// Decode is [Load] for the bytes of the file, as a program has them that embeds its detector.
func Decode(backend compute.Backend, content []byte) (*Detector, error) {
	d, err := decode(backend, content)
	if err != nil {
		return nil, fmt.Errorf("decoding a detector: %w", err)
	}
	return d, nil
}

func load(backend compute.Backend, path string) (*Detector, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return decode(backend, content)
}

// readFile reads a file that is small enough to be a detector.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestFile {
		return nil, errors.New("it is not a detector: no file, or larger than any")
	}
	return os.ReadFile(path)
}

// Verify reads a detector's file and compares it with its checksum. The error says what is wrong and what to do; nil
// means that the file is, bit for bit, what [Detector.Save] wrote. Nothing of it need be registered.
func Verify(path string) error {
	content, err := readFile(path)
	if err == nil {
		_, _, err = open(content)
	}
	if err != nil {
		return fmt.Errorf("verifying a detector: %s: %w", path, err)
	}
	return nil
}

// open verifies the bytes of the file and returns the manifest and the entries by name.
func open(content []byte) (*manifest, map[string]*zip.File, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil && bytes.HasPrefix(content, []byte(zipStart)) {
		return nil, nil, fmt.Errorf("it is damaged, or was not copied whole (%w): copy it again, or make it anew from its "+
			"run with dismax export", err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("it is not a detector: %w", err)
	}
	entries := map[string]*zip.File{}
	for _, file := range archive.File {
		entries[file.Name] = file
	}
	m, err := readManifest(entries[manifestName])
	if err != nil {
		return nil, nil, err
	}
	if err := seal.Verify(content, len(content)-seal.Size); err != nil {
		return nil, nil, fmt.Errorf("it %w: make it anew from its run with dismax export", err)
	}
	return m, entries, nil
}

// decode reads the bytes of the file.
func decode(backend compute.Backend, content []byte) (*Detector, error) {
	m, entries, err := open(content)
	if err != nil {
		return nil, err
	}
	for _, measured := range m.Measured {
		if err := measured.check(); err != nil {
			return nil, err
		}
	}
	parts, err := m.parts(entries)
	if err != nil {
		return nil, err
	}
	if parts, err = parts.ready(); err != nil {
		return nil, err
	}
	d, err := newDetector(backend, parts)
	if err != nil {
		return nil, err
	}
	d.threshold, d.measured = Threshold{Value: m.Threshold, Rule: m.Rule}, m.Measured
	return d, nil
}

// parts puts together what the manifest names.
func (m *manifest) parts(entries map[string]*zip.File) (Parts, error) {
	parts := Parts{ClassNames: m.ClassNames, Temperature: m.Temperature, About: m.About}
	var err error
	if parts.Score, err = dismaxlib.ScoreByName(m.Score); err != nil {
		return parts, err
	}
	if !maps.Equal(parts.Score.Parameters, m.ScoreParameters) {
		return parts, fmt.Errorf("its score %s has the parameters %v, and the one that is registered here has %v",
			m.Score, m.ScoreParameters, parts.Score.Parameters)
	}
	for _, name := range m.Fitted {
		if parts.Fitted == nil {
			parts.Fitted = dismaxlib.Fitted{}
		}
		if parts.Fitted[name], err = readArray(entries, entryName(fittedFolder, name)); err != nil {
			return parts, err
		}
	}
	if m.Network == nil {
		return parts, nil
	}
	if parts.Network, err = m.Network.Network(); err != nil {
		return parts, err
	}
	parts.Weights = model.NewStore()
	for _, path := range m.Weights {
		if !network.IsWeight(path) {
			return parts, fmt.Errorf("weight %s belongs neither to the backbone nor to the head", path)
		}
		value, err := readArray(entries, entryName(weightsFolder, path))
		if err == nil {
			_, err = parts.Weights.CreateVariable(path, value)
		}
		if err != nil {
			return parts, err
		}
	}
	return parts, nil
}

// readManifest reads the manifest, in whatever format it is, as far as to say which.
func readManifest(file *zip.File) (*manifest, error) {
	const most = 64 << 20 // which a manifest never reaches
	var content []byte
	reader, err := openEntry(file)
	if err == nil {
		content, err = io.ReadAll(io.LimitReader(reader, most))
		err = errors.Join(err, reader.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("it is not a detector: %s: %w", manifestName, err)
	}
	var header struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(content, &header); err != nil {
		return nil, fmt.Errorf("reading %s: %w", manifestName, err)
	}
	if header.Format != fileFormat {
		return nil, fmt.Errorf("it has format %d, this program reads %d: make it anew from its run with dismax export",
			header.Format, fileFormat)
	}
	m := new(manifest)
	if err := json.Unmarshal(content, m); err != nil {
		return nil, fmt.Errorf("reading %s: %w", manifestName, err)
	}
	return m, nil
}

func readArray(entries map[string]*zip.File, name string) (*tensors.Tensor, error) {
	content, err := readEntry(entries[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	value, err := npy.Read(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

func openEntry(file *zip.File) (io.ReadCloser, error) {
	if file == nil {
		return nil, errors.New("it is missing")
	}
	return file.Open()
}

// readEntry returns the content of an entry that is stored as it is: it takes no more memory than the file has bytes.
func readEntry(file *zip.File) ([]byte, error) {
	reader, err := openEntry(file)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	if file.Method != zip.Store {
		return nil, errors.New("it is compressed, which no entry of a detector is")
	}
	return io.ReadAll(reader)
}
