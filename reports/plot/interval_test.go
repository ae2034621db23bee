package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestIntervalsWriteTheirNumbers(t *testing.T) {
	plot, err := Intervals(Chart{Title: "AUROC", X: Axis{Label: "area", Share: true, Lines: []float64{0.5}}},
		Interval{"MPS", 0.8123, 0.7915, 0.8331}, Interval{"ES & co", 0.9, 0.87, 0.92})
	check.Holds(t, check.SVG(t, plot, err), ">AUROC<", ">area<", ">MPS<", ">ES &amp; co<",
		">81.2%  (79.1 to 83.3)<", ">90.0%  (87.0 to 92.0)<", ">50%<", `viewBox="0 0 440 134"`)
}

func TestIntervalsHaveTheDecimalsThatTheNarrowestNeeds(t *testing.T) {
	numbers := func(rows ...Interval) string { return intervalNumbers(Axis{}, rows, extent{0, 100})[0] }
	for got, want := range map[string]string{
		numbers(Interval{"", 50, 20, 80}):                             "50  (20 to 80)",
		numbers(Interval{"", 50, 20, 80}, Interval{"", 50, 49.9, 50}): "50.00  (20.00 to 80.00)",
		numbers(Interval{"", 0.0123, 0.0119, 0.0131}):                 "0.0123  (0.0119 to 0.0131)",
		numbers(Interval{"", -50, -50, -50}):                          "-50  (-50 to -50)",
		numbers(Interval{"", 1, 0, 2}, Interval{"", 1, 1 - 1e-12, 1}): "1.000000  (0.000000 to 2.000000)",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestIntervalsRefuseWhatTheyCannotShow(t *testing.T) {
	_, err := Intervals(Chart{})
	check.Error(t, err, "there are none")
	for _, bad := range []Interval{{"x", math.NaN(), 0, 1}, {"x", 1, math.Inf(-1), 1}, {"x", 1, 2, 1}} {
		_, err := Intervals(Chart{}, bad)
		check.Error(t, err, `"x"`)
	}
	_, err = Intervals(Chart{X: Axis{Log: true}}, Interval{"x", 1, 0, 2})
	check.Error(t, err, "not positive")
}

func TestIntervalsOfOneValueAndWithTheValueOutside(t *testing.T) {
	plot, err := Intervals(Chart{Title: "a"}, Interval{"exact", 3, 3, 3})
	check.SVG(t, plot, err)
	plot, err = Intervals(Chart{Title: "b"}, Interval{"value below", 1, 2, 3})
	check.Holds(t, check.SVG(t, plot, err), "1.0  (2.0 to 3.0)")
}

func TestSpreadHoldsTheMiddle95Percent(t *testing.T) {
	var values []float64
	for i := range 201 { // 200, 199, …, 0
		values = append(values, float64(200-i))
	}
	if got, want := Spread("a", values), (Interval{"a", 100, 5, 195}); math.Abs(got.Value-want.Value) > 1e-9 ||
		got.Lower != want.Lower || got.Upper != want.Upper || got.Name != want.Name {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Spread("b", []float64{7}); got != (Interval{"b", 7, 7, 7}) {
		t.Errorf("one value: got %v, want 7 everywhere", got)
	}
	if got := Spread("c", nil); !math.IsNaN(got.Value) || !strings.Contains(got.Name, "c") {
		t.Errorf("no value: got %v, want NaN", got)
	}
}
