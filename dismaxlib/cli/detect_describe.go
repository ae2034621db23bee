package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/internal/text"
)

// description is what a detector says of itself.
type description struct {
	Detector    string   `json:"detector"`
	About       string   `json:"about,omitempty"`
	Model       string   `json:"model,omitempty"` // none in a detector of outputs
	Loss        string   `json:"loss,omitempty"`
	Weights     string   `json:"weights_sha256,omitempty"` // as in the record of the run
	Height      int      `json:"height,omitempty"`         // of the images
	Width       int      `json:"width,omitempty"`
	Classes     []string `json:"classes"`
	Score       string   `json:"score"`
	Threshold   float64  `json:"threshold"`
	Rule        string   `json:"threshold_rule"`
	Temperature float64  `json:"temperature"`
	// AtBound reports whether the temperature lies at an end of the range that was searched.
	AtBound bool `json:"temperature_at_bound"`
	// Measured is what the detector answered on test sets.
	Measured []detect.Measured `json:"measured,omitempty"`
}

// describe prints what the detector is, and what it promises.
func (c *detectCommand) describe(t terminal, file string, detector *detect.Detector) error {
	d := description{
		Detector: file, About: detector.About(), Classes: detector.ClassNames(), Score: detector.Score().Name,
		Threshold: detector.Threshold().Value, Rule: detector.Threshold().Rule,
		Temperature: detector.Temperature(), AtBound: calibrate.AtBound(detector.Temperature()),
		Measured: detector.Measured(),
	}
	var err error
	if d.Weights, err = detector.WeightsSHA256(); err != nil {
		return err
	}
	takes := "logits of a model: it is asked from Go, with DetectOutputs"
	if n := detector.Network(); n != nil {
		d.Model, d.Loss, d.Height, d.Width = n.Model.Name, n.Loss.Name, n.Height, n.Width
		takes = fmt.Sprintf("images, which become %dx%d pixels in %s", n.Width, n.Height, text.Count(n.Channels(), "channel"))
	}
	if c.JSON {
		return json.NewEncoder(t.out).Encode(d)
	}
	return table(t.out, func(w io.Writer) error {
		line := func(name, value string) {
			if value != "" {
				fmt.Fprintf(w, "%s\t%s\n", name, text.Printable(value))
			}
		}
		line("detector", file)
		line("made of", d.About)
		if d.Model != "" {
			line("model", d.Model+", trained with "+d.Loss)
		}
		line("weights", d.Weights)
		line("takes", takes)
		line("classes", fmt.Sprintf("%d: %s", len(d.Classes), strings.Join(d.Classes, ", ")))
		line("score", d.Score+", "+detector.Score().Title)
		line("threshold", fmt.Sprintf("%.6g: what scores less is out-of-distribution", d.Threshold))
		line("promise", d.Rule)
		line("temperature", d.temperature())
		for _, m := range d.Measured {
			if m.Known {
				line("known", m.String())
			} else {
				line("unknown", m.String())
			}
		}
		return nil
	})
}

func (d *description) temperature() string {
	if d.AtBound {
		return fmt.Sprintf("%.4g, at the end of the range that was searched: no temperature makes the probabilities honest",
			d.Temperature)
	}
	return fmt.Sprintf("%.4g, by which logits are divided for the probabilities", d.Temperature)
}
