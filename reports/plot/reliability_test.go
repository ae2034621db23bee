package plot

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestReliabilityShowsAccuracyGapAndCounts(t *testing.T) {
	p, err := Reliability("Mine", "4 images", rgb(0x009E73), ReliabilityBin{Upper: 0.5},
		ReliabilityBin{0.5, 0.75, 3, math.NaN(), 0.5}, ReliabilityBin{0.75, 1, 1, 0.8, 0.9})
	check.Holds(t, check.SVG(t, p, err), ">Mine<", ">4 images<", ">accuracy<", ">perfect<", ">gap to confidence<",
		">largest probability<", ">images<", "#009D72") // of the faded colour
}

func TestReliabilityRefusesWhatItCannotShow(t *testing.T) {
	for want, bin := range map[string]ReliabilityBin{
		"no images in the bins":               {0, 1, 0, 0, 0},
		"bin 0 holds -1 images from 0 to 1":   {0, 1, -1, 0.5, 0.5},
		"bin 0 holds 1 images from 0.5 to 2":  {0.5, 2, 1, 0.5, 0.5},
		"bin 0 holds 1 images from NaN to 1":  {math.NaN(), 1, 1, 0.5, 0.5},
		"bin 0 holds 1 images from 1 to 0.5":  {1, 0.5, 1, 0.5, 0.5},
		"confidence 1e+300 and accuracy 0.5":  {0, 1, 1, 1e300, 0.5},
		"confidence 0.5 and accuracy -1e+300": {0, 1, 1, 0.5, -1e300},
	} {
		_, err := Reliability("", "", Neutral, bin)
		check.Error(t, err, want)
	}
}
