package cli

import (
	"bytes"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/dismax-go/dismax/internal/text"
)

// lineWidth is how many characters a line of output has at most, as far as its words and paths allow.
const lineWidth = 80

// table writes rows of cells, with tabs between them, as aligned columns. The last cell of a row is broken between words
// so that the row fits a line; an empty row begins a table of its own.
func table(out io.Writer, rows func(io.Writer) error) error {
	var cells bytes.Buffer
	if err := rows(&cells); err != nil {
		return err
	}
	if cells.Len() == 0 {
		return nil
	}
	for i, block := range strings.Split(strings.TrimSuffix(cells.String(), "\n"), "\n\n") {
		if i > 0 {
			io.WriteString(out, "\n")
		}
		if err := writeBlock(out, strings.Split(block, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// tableOfNames is table for rows that end with the name of a file, which is left whole.
func tableOfNames(out io.Writer, rows func(io.Writer) error) error {
	w := tabwriter.NewWriter(out, 0, 0, columnGap, ' ', 0)
	if err := rows(w); err != nil {
		return err
	}
	return w.Flush()
}

// columnGap is the least number of spaces between columns.
const columnGap = 2

// writeBlock writes rows with columns of common widths.
func writeBlock(out io.Writer, rows []string) error {
	starts := columnStarts(rows)
	w := tabwriter.NewWriter(out, 0, 0, columnGap, ' ', 0)
	for _, row := range rows {
		last := strings.LastIndexByte(row, '\t') + 1
		column := strings.Count(row, "\t")
		cell := row[last:]
		if width := max(lineWidth-starts[column], narrowest); utf8.RuneCountInString(cell) > width {
			cell = strings.ReplaceAll(text.Wrap(cell, width), "\n", "\n"+strings.Repeat("\t", column))
		}
		io.WriteString(w, row[:last]+cell+"\n")
	}
	return w.Flush()
}

// narrowest is the width below which a column is not made narrower: lines of a word each are hard to read.
const narrowest = 20

// columnStarts returns at which character each column begins.
func columnStarts(rows []string) []int {
	var widths []int
	for _, row := range rows {
		cells := strings.Split(row, "\t")
		for column, cell := range cells {
			if column == len(widths) {
				widths = append(widths, 0)
			}
			if column < len(cells)-1 { // the last is broken, and has no column to its right
				widths[column] = max(widths[column], utf8.RuneCountInString(cell))
			}
		}
	}
	starts := make([]int, len(widths))
	for column := range starts[1:] {
		starts[column+1] = starts[column] + widths[column] + columnGap
	}
	return starts
}
