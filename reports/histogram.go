package reports

import (
	"fmt"
	"image/color"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports/plot"
)

// ScoreHistogram plots how a score is distributed over the in-distribution test images and over the images of an
// out-of-distribution set: the less the two overlap, the better. A larger score means more in-distribution. A line shows
// the threshold above which 95% of the test images lie. The empty score stands for the one that goes with the record's
// loss.
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
		X: plot.Axis{Label: "score " + result.Score + " (larger: more in-distribution)", Ticks: 6,
			Lines: threshold95(result.Histogram), LinesName: "95% of the in-distribution images lie to the right, to a bin's width"},
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

// threshold95 is the score above which 95% of the in-distribution images lie, as if those of a bin were spread evenly:
// records hold no threshold, so that it is off by less than a bin's width. Nothing for a broken histogram.
func threshold95(h record.Histogram) []float64 {
	images := 0
	for _, count := range h.In {
		images += count
	}
	if images == 0 || len(h.Edges) != len(h.In)+1 {
		return nil
	}
	below := 0.05 * float64(images)
	for bin, count := range h.In {
		if c := float64(count); c > 0 && c >= below {
			return []float64{h.Edges[bin] + below/c*(h.Edges[bin+1]-h.Edges[bin])}
		}
		below -= float64(count)
	}
	return nil
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
