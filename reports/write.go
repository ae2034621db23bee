package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/atomicfile"
)

// Write makes a report of the records in the folder, which is created if need be: report.html (one page that needs no
// other file and no network), report.md, results.csv (one line a number), runs.csv (one line a number and run),
// results.tex, and every plot as plots/NAME.svg, .png and .pdf. It returns the paths of all files, report.html first.
// The same records give the same files, byte for byte. Nothing is written unless all of it could be made, and nothing is
// removed: plots of an earlier report stay in the folder where this one has none of that name.
func Write(folder string, records []*record.Record) ([]string, error) {
	report := newReport(records)
	if len(report.results.sections) == 0 {
		return nil, errors.New("a report needs at least one results record")
	}
	page, err := report.html()
	if err != nil {
		return nil, fmt.Errorf("making the report: %w", err)
	}
	type file struct {
		name    string
		content []byte
	}
	files := []file{
		{"report.html", page},
		{"report.md", []byte(report.markdown())},
		{"results.csv", []byte(report.results.CSV())},
		{"runs.csv", []byte(report.results.RunsCSV())},
		{"results.tex", []byte(report.results.LaTeX())},
	}
	for _, figure := range report.figures() {
		svg, err := figure.SVG()
		if err != nil {
			return nil, fmt.Errorf("making the report: %w", err)
		}
		png, err := figure.PNG()
		if err != nil {
			return nil, fmt.Errorf("making the report: %w", err)
		}
		pdf, err := figure.PDF()
		if err != nil {
			return nil, fmt.Errorf("making the report: %w", err)
		}
		files = append(files, file{"plots/" + figure.file + ".svg", svg}, file{"plots/" + figure.file + ".png", png},
			file{"plots/" + figure.file + ".pdf", pdf})
	}
	if err := os.MkdirAll(filepath.Join(folder, "plots"), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the report: %w", err)
	}
	var paths []string
	for _, file := range files {
		path := filepath.Join(folder, filepath.FromSlash(file.name))
		err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(file.content)
			return err
		})
		if err != nil {
			return paths, fmt.Errorf("the report: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
