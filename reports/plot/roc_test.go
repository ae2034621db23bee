package plot

import (
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestROCShowsTheWholeUnitSquareWhateverTheCurves(t *testing.T) {
	p, err := ROC("ROC", "mine", Curve{Name: "good", X: []float64{0, 0.01}, Y: []float64{0.9, 0.95}})
	check.Holds(t, check.SVG(t, p, err), ">ROC<", ">mine<", ">good<", ">0%<", ">100%<", "accepted in-distribution images",
		`viewBox="0 0 360 380"`, "#0072B2")
	_, err = ROC("", "", Curve{Name: "bad", X: []float64{1}})
	check.Error(t, err, `"bad"`)
}
