// Package show is what notebooks need besides the library: plots, tables and pictures shown inline, and the choice of
// images, scale and folders that is the same in all of them. It holds nothing of the method.
//
// Its functions end the cell with the error when there is one, as a notebook should: Jupyter shows it and stops.
package show

import (
	"bytes"
	"encoding/base64"
	"image/jpeg"
	"image/png"
	"log"

	"github.com/dismax-go/dismax/reports"
	"github.com/dismax-go/dismax/reports/plot"
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

// Plot shows a plot.
func Plot(p *plot.Plot, err error) {
	Check(err)
	gonbui.DisplaySVG(string(Must(p.SVG())))
	gonbui.Sync()
}

// pictureQuality keeps photographs, which fill a stored notebook when they are PNG, at a fraction of that.
const pictureQuality = 80

// Pictures shows a plot that holds photographs, as pixels rather than as lines.
func Pictures(p *plot.Plot, err error) {
	Check(err)
	picture := Must(png.Decode(bytes.NewReader(Must(p.PNG()))))
	var content bytes.Buffer
	Check(jpeg.Encode(&content, picture, &jpeg.Options{Quality: pictureQuality}))
	gonbui.DisplayHTMLF(`<img width="%d" style="max-width: 100%%" src="data:image/jpeg;base64,%s">`,
		picture.Bounds().Dx()/2, base64.StdEncoding.EncodeToString(content.Bytes()))
	gonbui.Sync()
}

// Table shows a comparison of runs.
func Table(results *reports.Results) {
	gonbui.DisplayHTML(results.HTML())
	gonbui.Sync()
}
