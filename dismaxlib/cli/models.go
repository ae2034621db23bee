package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/models"
)

// largestSize is of images, in pixels, that a summary is made for: above it the graph alone takes a gigabyte.
const largestSize = 2048

// modelsCommand is "dismax models".
type modelsCommand struct {
	Name string `arg:"" optional:"" help:"Show the layers, parameters and multiply-adds of one model: ${models}."`
	Size int    `placeholder:"PIXELS" help:"Height and width of the images that the layers are shown for. Default: what the model was made for."`
}

// Run lists what the flags of "dismax run" can name, or the layers of the named model.
func (c *modelsCommand) Run(t terminal) error {
	if c.Name != "" {
		return c.describe(t)
	}
	if c.Size != 0 {
		return usageError{fmt.Errorf("--size %d: name the model whose layers to show, as in dismax models resnet34", c.Size)}
	}
	return table(t.out, func(w io.Writer) error {
		if err := listModels(w); err != nil {
			return err
		}
		fmt.Fprintln(w, "\nLOSS\tTITLE\tSCORES")
		for _, name := range dismaxlib.LossNames() {
			loss, err := dismaxlib.LossByName(name)
			if err != nil {
				return err
			}
			var scores []string
			for _, score := range loss.Scores {
				scores = append(scores, score.Name)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", loss.Name, loss.Title, strings.Join(scores, ", "))
		}
		fmt.Fprintln(w, "\nSCORE\tTITLE")
		for _, name := range dismaxlib.ScoreNames() {
			score, err := dismaxlib.ScoreByName(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\t%s\n", score.Name, score.Title)
		}
		return nil
	})
}

// describe prints the layers of a model.
func (c *modelsCommand) describe(t terminal) error {
	m, err := models.ByName(c.Name)
	if err != nil {
		return usageError{err}
	}
	size := c.Size
	if size == 0 {
		size = m.ImageSize
	}
	if size < 1 || size > largestSize {
		return usageError{fmt.Errorf("--size %d: want 1 to %d pixels", size, largestSize)}
	}
	summary, err := summarize(m, size)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s\n\n%s", m.Title, summary)
	return err
}

// listModels prints the models, with what they cost for the images that they were made for.
func listModels(w io.Writer) error {
	fmt.Fprintln(w, "MODEL\tTITLE\tPIXELS\tFEATURES\tPARAMETERS\tMULTIPLY-ADDS")
	for _, name := range models.Names() {
		m, err := models.ByName(name)
		if err != nil {
			return err
		}
		summary, err := summarize(m, m.ImageSize)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%8.3f M\t%11.3f G\n", m.Name, m.Title, m.ImageSize, m.Features,
			float64(summary.Parameters)/1e6, float64(summary.MultiplyAdds)/1e9)
	}
	return nil
}

// summarize builds the graph on the Go backend, which is always there and needs no time to start: nothing is computed.
func summarize(m *models.Model, size int) (*models.Summary, error) {
	opened, _, err := backend.Open(goconv.Name)
	if err != nil {
		return nil, err
	}
	defer opened.Finalize()
	return models.Summarize(opened, m.Backbone, size)
}
