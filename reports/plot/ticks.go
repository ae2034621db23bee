package plot

import (
	"math"
	"strconv"

	gonumplot "gonum.org/v1/plot"
)

// mostTicks bounds the ticks of an axis, whatever its range.
const mostTicks = 100

// ticker places labelled ticks at multiples of 1, 2 or 5 times a power of ten, or at the powers of ten of a logarithmic
// axis.
func ticker(a Axis) gonumplot.TickerFunc {
	format := plainTick
	switch {
	case a.hidden:
		format = func(float64) string { return "" }
	case a.Share:
		format = percentTick
	}
	if a.Log {
		return logTicks(format)
	}
	wanted := a.Ticks
	if wanted == 0 {
		wanted = 5
	}
	return func(low, high float64) []gonumplot.Tick {
		step := tickStep((high - low) / float64(wanted))
		if a.Whole {
			step = math.Max(1, math.Round(step))
		}
		first := math.Ceil(low/step - 1e-9)
		var ticks []gonumplot.Tick
		for i := range mostTicks {
			at := (first+float64(i))*step + 0 // not -0
			if at > high+step*1e-9 {
				break
			}
			ticks = append(ticks, gonumplot.Tick{Value: at, Label: format(at)})
		}
		return ticks
	}
}

// tickStep is the number of the form 1, 2 or 5 times a power of ten that is next to the rough step, or above it.
func tickStep(rough float64) float64 {
	if !(rough > 0) || math.IsInf(rough, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= rough*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// logTicks places ticks at the powers of ten, at 2 and 5 times these if there is room, and at fewer of them if there are
// too many.
func logTicks(format func(float64) string) gonumplot.TickerFunc {
	return func(low, high float64) []gonumplot.Tick {
		factors := []float64{1}
		if high/low < 5e3 {
			factors = []float64{1, 2, 5}
		}
		first, last := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
		var ticks []gonumplot.Tick
		for exponent := first; exponent <= last; exponent += 1 + (last-first)/10 {
			for _, factor := range factors {
				if at := factor * math.Pow(10, float64(exponent)); low <= at && at <= high {
					ticks = append(ticks, gonumplot.Tick{Value: at, Label: format(at)})
				}
			}
		}
		return ticks
	}
}

// plainTick writes a number with at most four digits.
func plainTick(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// percentTick writes a share as a percentage.
func percentTick(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'g', 4, 64) + "%"
}
