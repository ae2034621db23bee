package cli

import (
	"io"
	"text/tabwriter"
)

// table writes aligned columns.
func table(out io.Writer, rows func(io.Writer) error) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := rows(w); err != nil {
		return err
	}
	return w.Flush()
}
