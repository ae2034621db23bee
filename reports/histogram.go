package reports

import (
	"fmt"
	"image/color"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports/plot"
)

// ScoreHistogram plots how a score is distributed over the in-distribution test images and over the images of an
// out-of-distribution set: the less the two overlap, the better. A larger score means more in-distribution. The empty
// score stands for the one that goes with the record's loss.
func ScoreHistogram(r *record.Record, set, score string) (*plot.Plot, error) {
	if r == nil {
		return nil, absentf("score histogram: there is no record")
	}
	result, err := detection(r, set, score)
	if err != nil {
		return nil, fmt.Errorf("score histogram: %w", err)
	}
	if len(result.Histogram.Edges) == 0 {
		return nil, absentf("score histogram: the record of %s has no histogram of %s on %s", describe(r), result.Score, set)
	}
	loss, in, out := identify(r), datasetTitle(r), outTitle([]*record.Record{r}, set)
	chart := plot.Chart{
		Title: fmt.Sprintf("%s: %s on %s and %s", loss.title, result.Score, in, out),
		Subtitle: fmt.Sprintf("AUROC %s%%, FPR95 %s%%", formatNumber(result.AUROC*100, 1),
			formatNumber(result.FPR95*100, 1)),
		X: plot.Axis{Label: "score " + result.Score + " (larger: more in-distribution)", Ticks: 6},
		Y: plot.Axis{Label: "share of images"},
	}
	p, err := plot.Histograms(chart, result.Histogram.Edges,
		imagesOf("in", in, result.Histogram.In, loss.colour), imagesOf("out", out, result.Histogram.Out, plot.Neutral))
	if err != nil {
		return nil, fmt.Errorf("score histogram: the record of %s has no histogram of %s on %s: %w",
			describe(r), result.Score, set, err)
	}
	return p, nil
}

// imagesOf is the histogram of one of the two sets.
func imagesOf(side, title string, counts []int, colour color.NRGBA) plot.Histogram {
	images := 0
	for _, count := range counts {
		images += count
	}
	return plot.Histogram{Name: fmt.Sprintf("%s: %s, %s images", side, title, text.Digits(images)), Counts: counts,
		Colour: colour}
}
