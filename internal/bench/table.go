package bench

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/dismax-go/dismax/internal/text"
)

// lineWidth is how many characters a line of the table has at most.
const lineWidth = 80

// WriteTable prints the results in columns, a row for training and one for inference, and below them what they were
// measured with. Times are in seconds, memory in megabytes of 10^6 bytes.
func WriteTable(out io.Writer, r *Record) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "MODEL:BATCH\tLOSS\tSTEP\t%7s\t%7s\t%8s\t%6s\n", "SECONDS", "CPU s", "IMAGES/s", "MB")
	for _, result := range r.Results {
		fmt.Fprintf(w, "%s:%d\t%s\ttraining\t%s\t%6s\n", result.Model, result.Batch, result.Loss,
			cells(&result.Train), Megabytes(result.PeakBytes))
		if result.Inference != nil {
			fmt.Fprintf(w, "\t\tinference\t%s\n", cells(result.Inference))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s\n", text.Wrap(r.conditions(), lineWidth))
	return err
}

// cells are the three columns of a timing.
func cells(t *Timing) string {
	cpu := "?"
	if t.CPUSeconds > 0 {
		cpu = Seconds(t.CPUSeconds)
	}
	return fmt.Sprintf("%7s\t%7s\t%8.4g", Seconds(t.WallSeconds), cpu, t.ImagesPerSecond)
}

// Seconds prints a time of a step with three digits or to the tenth of a millisecond.
func Seconds(value float64) string {
	switch {
	case value < 0.1:
		return fmt.Sprintf("%.4f", value)
	case value < 10:
		return fmt.Sprintf("%.3f", value)
	default:
		return fmt.Sprintf("%.1f", value)
	}
}

// Megabytes prints a number of bytes in units of 10^6, or "?" if it is unknown.
func Megabytes(bytes int64) string {
	if bytes == 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f", float64(bytes)/1e6)
}

// conditions is the line about what measured.
func (r *Record) conditions() string {
	simd := "with SIMD"
	if !r.Versions.SIMD {
		simd = "without SIMD"
	}
	load := ""
	if r.Load >= 0 {
		load = fmt.Sprintf(", load %.2g", r.Load)
	}
	dtype := ""
	if r.Options.DType != "" {
		dtype = " in " + r.Options.DType
	}
	return fmt.Sprintf("medians of %d steps%s after %d, and the peak of memory; backend %s, %s%s; %s %s, compute %s",
		r.Options.Steps, dtype, r.Options.Warmup, r.Backend.Name, r.Backend.Device, load,
		r.Versions.Go, simd, r.Versions.Compute)
}
