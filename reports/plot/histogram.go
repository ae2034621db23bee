package plot

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Histogram counts values in the bins of [Histograms].
type Histogram struct {
	Name   string      // in the legend
	Counts []int       // [bins], of values from Edges[i] to Edges[i+1]
	Colour color.NRGBA // the zero value stands for the next one of the plot
}

// Histograms plots, for bins between edges [bins + 1], which share of the values of each histogram lies in them; the
// first histogram is drawn on top. Neighbouring bins are joined where there are too few values for so many. It is an
// error if the edges do not grow, if a histogram has another number of bins, or if it counts nothing.
func Histograms(chart Chart, edges []float64, histograms ...Histogram) (*Plot, error) {
	if err := checkHistograms(edges, histograms); err != nil {
		return nil, fmt.Errorf("plotting histograms: %w", err)
	}
	edges, histograms = coarser(edges, histograms)
	highest := 0.0
	for _, h := range histograms {
		highest = max(highest, extentOf(h.shares()).high)
	}
	chart.Y.Share = true
	chart.X = chart.X.over(extent{edges[0], edges[len(edges)-1]})
	chart.Y = chart.Y.over(extent{0, highest * 1.05})
	p := newChart(chart.X, chart.Y)
	result := &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, y: chart.Y.Label,
		width: plotWidth, height: plotHeight, body: p.Draw}
	layers := make([]gonumplot.Plotter, len(histograms))
	for i, h := range histograms {
		if h.Colour == (color.NRGBA{}) {
			h.Colour = seriesColour(i)
		}
		fill, outline := fade(h.Colour, 0.4), draw.LineStyle{Color: h.Colour, Width: 1.5}
		layers[len(layers)-1-i] = steps(edges, h.shares(), fill, outline)
		result.legend = append(result.legend, legendEntry{h.Name, areaMark(fill, outline)})
	}
	p.Add(layers...)
	result.legend = append(result.legend, chart.lineNames()...)
	return result, nil
}

func checkHistograms(edges []float64, histograms []Histogram) error {
	if len(edges) < 2 {
		return fmt.Errorf("%d edges make no bin", len(edges))
	}
	if len(histograms) == 0 {
		return errors.New("there are none")
	}
	for i, edge := range edges {
		if !finite(edge) || i > 0 && edge <= edges[i-1] {
			return fmt.Errorf("edge %d is %g: edges must be finite, at most %g, and grow", i, edge, Largest)
		}
	}
	for _, h := range histograms {
		if len(h.Counts) != len(edges)-1 {
			return fmt.Errorf("%q has %d counts for %d bins", h.Name, len(h.Counts), len(edges)-1)
		}
		for bin, count := range h.Counts {
			if count < 0 {
				return fmt.Errorf("%q holds %d values in bin %d", h.Name, count, bin)
			}
		}
		if h.total() == 0 {
			return fmt.Errorf("%q counts nothing", h.Name)
		}
	}
	return nil
}

func (h Histogram) total() int {
	total := 0
	for _, count := range h.Counts {
		total += count
	}
	return total
}

// shares are the counts divided by their sum.
func (h Histogram) shares() []float64 {
	shares, total := make([]float64, len(h.Counts)), float64(h.total())
	for i, count := range h.Counts {
		shares[i] = float64(count) / total
	}
	return shares
}

// coarser joins neighbouring bins, the same number everywhere, while there are more than about 2·n^(1/3) for the n
// values of the smallest histogram (Rice's rule): few values would show noise.
func coarser(edges []float64, histograms []Histogram) ([]float64, []Histogram) {
	bins, fewest := len(edges)-1, math.MaxInt
	for _, h := range histograms {
		fewest = min(fewest, h.total())
	}
	wanted := 2 * math.Cbrt(float64(fewest))
	for join := bins / 4; join > 1; join-- {
		if bins%join == 0 && float64(bins/join) >= wanted {
			return joinBins(edges, histograms, join)
		}
	}
	return edges, histograms
}

// joinBins makes one bin of each so many, which must divide the number of bins.
func joinBins(edges []float64, histograms []Histogram, join int) ([]float64, []Histogram) {
	joinedEdges, joined := edges[:1:1], make([]Histogram, len(histograms))
	for i := join; i < len(edges); i += join {
		joinedEdges = append(joinedEdges, edges[i])
	}
	for i, h := range histograms {
		joined[i] = Histogram{Name: h.Name, Colour: h.Colour}
		for from := 0; from < len(h.Counts); from += join {
			part := Histogram{Counts: h.Counts[from : from+join]}
			joined[i].Counts = append(joined[i].Counts, part.total())
		}
	}
	return joinedEdges, joined
}

// steps draws a histogram as a filled outline, with nothing where bins are empty.
func steps(edges, heights []float64, fill color.Color, outline draw.LineStyle) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		var run []vg.Point
		flush := func(edge float64) {
			if run != nil {
				run = append(run, vg.Point{X: toX(edge), Y: toY(0)})
				c.FillPolygon(fill, run)
				c.StrokeLines(outline, run)
				run = nil
			}
		}
		for i, height := range heights {
			if height == 0 {
				flush(edges[i])
				continue
			}
			if run == nil {
				run = []vg.Point{{X: toX(edges[i]), Y: toY(0)}}
			}
			run = append(run, vg.Point{X: toX(edges[i]), Y: toY(height)}, vg.Point{X: toX(edges[i+1]), Y: toY(height)})
		}
		flush(edges[len(heights)])
	}
}
