package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/seal"
)

// largestFile bounds what Read takes into memory: a hundred times the record of a long run.
const largestFile = 64 << 20

// A record's file ends with its own checksum: that of all its bytes, with zeros in the checksum's place.
const (
	checksumField = ",\n \"sha256\": \""
	checksumEnd   = "\"\n}\n"
)

// Write stores the record as folder/record.json. The file appears under its name only when it is complete, and ends
// with its own checksum.
func Write(folder string, r *Record) error {
	if r == nil {
		return errors.New("results record: there is none to write")
	}
	r.Format = FormatVersion
	content, err := encode(r)
	if err != nil {
		return fmt.Errorf("encoding the results record: %w", err)
	}
	err = atomicfile.Write(filepath.Join(folder, FileName), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("results record: %w", err)
	}
	return nil
}

// encode returns the bytes of the file.
func encode(r *Record) ([]byte, error) {
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, err
	}
	body := bytes.TrimSuffix(content, []byte("\n}"))
	if len(r.Unknown) > 0 {
		unknown, err := json.MarshalIndent(r.Unknown, "", " ")
		if err != nil {
			return nil, err
		}
		body = append(append(body, ','), bytes.TrimSuffix(bytes.TrimPrefix(unknown, []byte("{")), []byte("\n}"))...)
	}
	body = append(append(append(body, checksumField...), seal.Placeholder...), checksumEnd...)
	seal.Seal(body, len(body)-len(checksumEnd)-seal.Size)
	return body, nil
}

// Read loads a record. The path is the record's file or the run's folder. A file that is not, bit for bit, what [Write]
// wrote is refused.
func Read(path string) (*Record, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading a results record: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, FileName)
		if info, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading a results record: %w (has the run finished?)", err)
		} else if err != nil {
			return nil, fmt.Errorf("reading a results record: %w", err)
		}
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("%s has %d bytes, and a results record has at most %d: it is none", path, info.Size(), largestFile)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a results record: %w", err)
	}
	r, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return r, nil
}

// Decode is [Read] for the bytes of the file, as a program has them that embeds a record.
func Decode(content []byte) (*Record, error) {
	r, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("decoding a results record: what was given %w", err)
	}
	return r, nil
}

// decode reads the bytes of the file. Its errors go on after the file's name.
func decode(content []byte) (*Record, error) {
	var header struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(content, &header); err != nil {
		return nil, fmt.Errorf("is not a results record, or damaged: %w", err)
	}
	if header.Format == 0 {
		return nil, errors.New("is not a results record: it names no format")
	}
	if header.Format != FormatVersion {
		return nil, fmt.Errorf("has record format %d, this program reads %d: make it anew by running its spec again "+
			"(the spec is in the file, the command is dismax run)", header.Format, FormatVersion)
	}
	if err := verify(content); err != nil {
		return nil, err
	}
	r := new(Record)
	if err := json.Unmarshal(content, r); err != nil {
		return nil, fmt.Errorf("is not a results record: %w", err)
	}
	if err := json.Unmarshal(content, &r.Unknown); err != nil {
		return nil, fmt.Errorf("is not a results record: %w", err)
	}
	maps.DeleteFunc(r.Unknown, func(name string, _ json.RawMessage) bool { return name == "sha256" || knownFields[name] })
	if len(r.Unknown) == 0 {
		r.Unknown = nil
	}
	return r, nil
}

// verify compares the file with its checksum.
func verify(content []byte) error {
	at := len(content) - len(checksumEnd) - seal.Size
	if at < len(checksumField) || !bytes.HasSuffix(content[:at], []byte(checksumField)) {
		return errors.New("does not end with its checksum: it is damaged, or was changed after it was written")
	}
	return seal.Verify(content, at)
}

// knownFields are the JSON names of the fields of a record.
var knownFields = func() map[string]bool {
	names := map[string]bool{}
	for field := range reflect.TypeFor[Record]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}()
