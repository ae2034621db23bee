package plot_test

import (
	"log"
	"math"

	"github.com/dismax-go/dismax/reports/plot"
)

func ExampleCurves() {
	sine := plot.Curve{Name: "sine"}
	zero := plot.Curve{Name: "zero", X: []float64{0, 6}, Y: []float64{0, 0}, Reference: true}
	for x := 0.0; x <= 6; x += 0.1 {
		sine.X, sine.Y = append(sine.X, x), append(sine.Y, math.Sin(x))
	}
	chart := plot.Chart{Title: "A curve", X: plot.Axis{Label: "angle"}, Y: plot.Axis{Label: "value"}}
	p, err := plot.Curves(chart, sine, zero)
	if err != nil {
		log.Fatal(err)
	}
	if err := p.Resized(300, 200).SaveSVG("sine.svg"); err != nil {
		log.Fatal(err)
	}
}

func ExampleRow() {
	left, err := plot.Histograms(plot.Chart{Title: "Scores"}, []float64{0, 0.5, 1},
		plot.Histogram{Name: "known images", Counts: []int{2, 8}},
		plot.Histogram{Name: "unknown images", Counts: []int{9, 3}, Colour: plot.Neutral})
	if err != nil {
		log.Fatal(err)
	}
	curve := plot.Curve{Name: "a score", X: []float64{0, 0.25, 1}, Y: []float64{0, 0.8, 1}}
	right, err := plot.ROC("Detection", "all thresholds", curve)
	if err != nil {
		log.Fatal(err)
	}
	both, err := plot.Row(left, right)
	if err != nil {
		log.Fatal(err)
	}
	if err := both.SavePNG("detection.png"); err != nil {
		log.Fatal(err)
	}
}
