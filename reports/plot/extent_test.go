package plot

import (
	"math"
	"testing"
)

func TestRangesLeaveRoomAndKeepSharesInTheUnitInterval(t *testing.T) {
	for name, test := range map[string]struct {
		axis Axis
		in   extent
		want extent
	}{
		"plain":           {Axis{}, extent{10, 20}, extent{9, 21}},
		"one value":       {Axis{}, extent{10, 10}, extent{9, 11}},
		"shares":          {Axis{Share: true}, extent{0, 1}, extent{0, 1}},
		"share above one": {Axis{Share: true}, extent{0, 2}, extent{-0.2, 2.2}},
		"logarithmic":     {Axis{Log: true}, extent{1, 1024}, extent{0.5, 2048}},
		"one logarithmic": {Axis{Log: true}, extent{1, 1}, extent{math.Pow(10, -0.1), math.Pow(10, 0.1)}},
	} {
		if got := test.in.padded(test.axis, 0.1); math.Abs(got.low-test.want.low)+math.Abs(got.high-test.want.high) > 1e-9 {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
	if got := (extent{1, 10}).fromZero(); got.low != 0 {
		t.Errorf("from 1 to 10: got a start at %g, want 0", got.low)
	}
	if got := (extent{8, 10}).fromZero(); got.low != 8 {
		t.Errorf("from 8 to 10: got a start at %g, want 8", got.low)
	}
}
