// Package show is what notebooks need besides the library: plots, tables and pictures shown inline, and the choice of
// images, scale and folders that is the same in all of them. It holds nothing of the method.
//
// Its functions end the cell with the error when there is one, as a notebook should: Jupyter shows it and stops.
package show

import (
	"log"

	"github.com/dismax-go/dismax/reports"
	"github.com/janpfeifer/gonb/gonbui"
)

// Must returns the value, or ends the cell with the error.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check ends the cell if there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Plot shows a plot of package reports.
func Plot(plot *reports.Plot, err error) {
	Check(err)
	gonbui.DisplaySVG(string(Must(plot.SVG())))
	gonbui.Sync()
}

// Pictures shows a plot that holds photographs, as pixels rather than as lines.
func Pictures(plot *reports.Plot, err error) {
	Check(err)
	gonbui.DisplayPNG(Must(plot.PNG()))
	gonbui.Sync()
}

// Table shows a comparison of runs.
func Table(results *reports.Results) {
	gonbui.DisplayHTML(results.HTML())
	gonbui.Sync()
}
