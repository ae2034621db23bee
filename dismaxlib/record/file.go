package record

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/internal/atomicfile"
)

// Write stores the record as folder/record.json. The file appears under its name only when it is complete.
func Write(folder string, r *Record) error {
	r.Format = FormatVersion
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the results record: %w", err)
	}
	err = atomicfile.Write(filepath.Join(folder, FileName), func(w io.Writer) error {
		_, err := w.Write(append(content, '\n'))
		return err
	})
	if err != nil {
		return fmt.Errorf("results record: %w", err)
	}
	return nil
}

// Read loads a record. The path is the record's file or the run's folder.
func Read(path string) (*Record, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading a results record: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, FileName)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a results record: %w (has the run finished?)", err)
	}
	var r Record
	if err := json.Unmarshal(content, &r); err != nil {
		return nil, fmt.Errorf("%s is not a results record: %w", path, err)
	}
	if r.Format != FormatVersion {
		return nil, fmt.Errorf("%s has record format %d, this program reads %d: run the experiment again",
			path, r.Format, FormatVersion)
	}
	return &r, nil
}
