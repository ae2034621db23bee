package reports

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestReliabilityShowsTheStageThatWasAskedFor(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		r.Test.Before.ECE, r.Test.After.ECE, r.Test.Temperature = 0.25, 0.0123, 0.125
	})
	plot, err := Reliability(r, BeforeCalibration)
	check.Holds(t, check.SVG(t, plot, err), ">DisMax before calibration: ECE 0.2500<", "temperature 1<", ">perfect<",
		">gap to confidence<", ">largest probability<")
	plot, err = Reliability(r, AfterCalibration)
	check.Holds(t, check.SVG(t, plot, err), ">DisMax after calibration: ECE 0.0123<", "temperature 0.125<")
}

func TestReliabilitySkipsEmptyAndBrokenBins(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		r.Test.Before.Reliability = []record.ReliabilityBin{
			{Lower: 0, Upper: 0.5}, {Lower: 0.5, Upper: 0.75, Count: 3, Confidence: math.NaN(), Accuracy: 0.5},
			{Lower: 0.75, Upper: 1, Count: 3, Confidence: 0.8, Accuracy: 0.8},
		}
	})
	plot, err := Reliability(r, BeforeCalibration)
	check.SVG(t, plot, err)
}

func TestReliabilityNeedsBins(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) { r.Test.After.Reliability = nil })
	_, err := Reliability(r, AfterCalibration)
	check.Error(t, err, "cifar10, resnet34, dismax, seed 1", "after calibration")
}

func TestPlotsAreDeterministic(t *testing.T) {
	for range 5 {
		a, errA := Reliability(fixture.New("dismax", 1), BeforeCalibration)
		b, errB := Reliability(fixture.New("dismax", 1), BeforeCalibration)
		if check.SVG(t, a, errA) != check.SVG(t, b, errB) {
			t.Fatal("the same record gave different pictures")
		}
	}
}
