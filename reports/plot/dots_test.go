package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestDotsDrawEveryValueUnderTheHeadingOfItsGroup(t *testing.T) {
	p, err := Dots(Chart{Title: "Times", X: Axis{Label: "seconds", Log: true}}, "training", "inference",
		DotGroup{"first network", []DotRow{{"one engine", []float64{0.1, 0.2, 0.3}, []float64{0.01, 0.02}}}},
		DotGroup{"second network", []DotRow{{"another engine", []float64{1}, nil}}})
	svg := check.SVG(t, p, err)
	check.Holds(t, svg, ">Times<", ">seconds<", ">training<", ">inference<", ">first network<", ">second network<",
		">one engine<", ">another engine<", ">0.1<")
	if discs := strings.Count(svg, "fill:#0072B2"); discs != 5 {
		t.Errorf("got %d discs, want those of 4 values and of the legend", discs)
	}
	if rings := strings.Count(svg, "fill:#D55E00"); rings != 3 {
		t.Errorf("got %d rings, want those of 2 values and of the legend", rings)
	}
}

func TestDotsRefuseWhatTheyCannotShow(t *testing.T) {
	for name, test := range map[string]struct {
		log    bool
		values []float64
		want   string
	}{
		"nothing":    {false, nil, "there is none"},
		"not finite": {false, []float64{math.NaN()}, `"mine": NaN cannot be shown`},
		"log of 0":   {true, []float64{0}, `"mine": 0 cannot be shown`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Dots(Chart{X: Axis{Log: test.log}}, "a", "b", DotGroup{"group", []DotRow{{"mine", test.values, nil}}})
			check.Error(t, err, test.want)
		})
	}
}
