package reports

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ScoreHistogram plots how a score is distributed over the in-distribution test images and over the images of an
// out-of-distribution set: the less the two overlap, the better. A larger score means more in-distribution. The empty
// score stands for the one with which the paper evaluates the record's loss.
func ScoreHistogram(r *record.Record, set, score string) (*Plot, error) {
	result, err := detection(r, set, score)
	if err != nil {
		return nil, fmt.Errorf("score histogram: %w", err)
	}
	histogram := coarser(result.Histogram)
	inTotal, outTotal := sum(histogram.In), sum(histogram.Out)
	bins := len(histogram.Edges) - 1
	if bins < 1 || len(histogram.In) != bins || len(histogram.Out) != bins || inTotal == 0 || outTotal == 0 ||
		!growing(histogram.Edges) {
		return nil, fmt.Errorf("score histogram: the record of %s has no histogram of %s on %s",
			describe(r), result.Score, set)
	}
	in, out := shares(histogram.In, inTotal), shares(histogram.Out, outTotal)
	highest := 0.0
	for i := range bins {
		highest = max(highest, in[i], out[i])
	}
	loss := identify(r.Spec.Loss)
	p := newChart(axis{label: "score " + result.Score + " (larger: more in-distribution)",
		min: histogram.Edges[0], max: histogram.Edges[bins], ticks: 6},
		axis{label: "share of images", min: 0, max: highest * 1.05, format: percentTick})
	inFill, outFill := fade(loss.colour, 0.4), fade(neutral, 0.45)
	inLine := draw.LineStyle{Color: loss.colour, Width: 1.5}
	outLine := draw.LineStyle{Color: muted, Width: 1.5}
	p.Add(steps(histogram.Edges, out, outFill, outLine), steps(histogram.Edges, in, inFill, inLine))
	return &Plot{
		Title: fmt.Sprintf("%s: %s on %s and %s", loss.title, result.Score, setTitle(r.Spec.Dataset), setTitle(set)),
		Subtitle: fmt.Sprintf("AUROC %s%%, FPR95 %s%%", formatNumber(result.AUROC*100, 1),
			formatNumber(result.FPR95*100, 1)),
		name:  fileName("scores " + r.Spec.Loss + " " + set + " " + result.Score),
		width: plotWidth, height: plotHeight,
		legend: []legendEntry{
			{fmt.Sprintf("in: %s, %s images", setTitle(r.Spec.Dataset), groupDigits(inTotal)),
				areaMark(inFill, inLine)},
			{fmt.Sprintf("out: %s, %s images", setTitle(set), groupDigits(outTotal)), areaMark(outFill, outLine)},
		},
		body: p.Draw,
	}, nil
}

// coarser joins neighbouring bins, the same number everywhere, while there are more than about 2·n^(1/3) for the n
// images of the smaller set (Rice's rule): few images would show noise.
func coarser(h record.Histogram) record.Histogram {
	bins := len(h.Edges) - 1
	if len(h.In) != bins || len(h.Out) != bins {
		return h
	}
	wanted := 2 * math.Cbrt(float64(min(sum(h.In), sum(h.Out))))
	for join := bins / 4; join > 1; join-- {
		if bins%join == 0 && float64(bins/join) >= wanted {
			return joinBins(h, join)
		}
	}
	return h
}

// joinBins makes one bin of each so many, which must divide the number of bins.
func joinBins(h record.Histogram, join int) record.Histogram {
	joined := record.Histogram{Edges: h.Edges[:1:1]}
	for i := 0; i < len(h.In); i += join {
		joined.Edges = append(joined.Edges, h.Edges[i+join])
		joined.In = append(joined.In, sum(h.In[i:i+join]))
		joined.Out = append(joined.Out, sum(h.Out[i:i+join]))
	}
	return joined
}

// steps draws a histogram as a filled outline, with nothing where bins are empty.
func steps(edges, heights []float64, fill color.Color, outline draw.LineStyle) painter {
	return func(c draw.Canvas, p *plot.Plot) {
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

// growing says whether the values are finite and each is larger than the one before.
func growing(values []float64) bool {
	for i, v := range values {
		if !finite(v) || i > 0 && v <= values[i-1] {
			return false
		}
	}
	return true
}

func sum(counts []int) int {
	total := 0
	for _, count := range counts {
		total += count
	}
	return total
}

func shares(counts []int, total int) []float64 {
	result := make([]float64, len(counts))
	for i, count := range counts {
		result[i] = float64(count) / float64(total)
	}
	return result
}

// groupDigits writes a count with commas between thousands.
func groupDigits(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
