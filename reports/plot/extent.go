package plot

import "math"

// extent is a range of values.
type extent struct{ low, high float64 }

// extentOf returns the range of the finite values of all lists; low is above high if there are none.
func extentOf(lists ...[]float64) extent {
	e := extent{math.Inf(1), math.Inf(-1)}
	for _, values := range lists {
		for _, v := range values {
			if finite(v) {
				e.low, e.high = min(e.low, v), max(e.high, v)
			}
		}
	}
	return e
}

func (e extent) empty() bool { return e.low > e.high }

// padded leaves some room at both ends, in the units of the axis: shares stay in [0, 1].
func (e extent) padded(a Axis, share float64) extent {
	if a.Log {
		decades := (math.Log10(e.high) - math.Log10(e.low)) * share
		if decades == 0 {
			decades = share
		}
		factor := math.Pow(10, decades)
		return extent{max(e.low/factor, math.SmallestNonzeroFloat64), min(e.high*factor, math.MaxFloat64)}
	}
	room := (e.high - e.low) * share
	if room == 0 {
		room = max(math.Abs(e.high)*share, 1e-9)
	}
	wider := extent{e.low - room, e.high + room}
	if a.Share && e.low >= 0 && e.high <= 1 {
		wider = extent{max(wider.low, 0), min(wider.high, 1)}
	}
	return wider
}

// fromZero starts the range at 0 if that leaves most of the plot to the values.
func (e extent) fromZero() extent {
	if e.low > 0 && e.low < e.high/2 {
		e.low = 0
	}
	return e
}

// Largest is the largest value that is drawn: sums and differences of a few such values are finite.
const Largest = 1e300

// finite reports whether the value has a place on an axis.
func finite(v float64) bool { return math.Abs(v) <= Largest }
