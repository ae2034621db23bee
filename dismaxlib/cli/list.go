package cli

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/gomlx/compute"
)

// backendsCommand is "dismax backends".
type backendsCommand struct{}

// Run lists what was found.
func (backendsCommand) Run(t terminal) error {
	return table(t.out, func(w io.Writer) error {
		fmt.Fprintln(w, "BACKEND\tUSABLE\tWHAT IT IS\tWHY")
		for _, finding := range backend.Found() {
			usable := "no"
			if finding.Usable {
				usable = "yes"
			}
			if finding.Chosen && os.Getenv(compute.ConfigEnvVar) == "" {
				usable = "used"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", finding.Config, usable, finding.Title, finding.Detail)
		}
		_, choice, err := backend.Open("")
		if err != nil {
			return usageError{err}
		}
		fmt.Fprintf(w, "\n%s\n", choice.Reason)
		if choice.Notice != "" {
			fmt.Fprintln(w, choice.Notice)
		}
		return nil
	})
}

// table writes aligned columns.
func table(out io.Writer, rows func(io.Writer) error) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if err := rows(w); err != nil {
		return err
	}
	return w.Flush()
}
