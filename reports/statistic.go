package reports

import (
	"math"
	"strconv"
)

// statistic is the mean of a measurement over the runs of a group.
type statistic struct {
	mean float64
	std  float64 // sample standard deviation (n - 1); 0 with a single run
	n    int     // 0: not measured
}

// summarize returns the statistic of the values. One value that is not finite makes the mean so too: a run that went
// wrong stays visible.
func summarize(values []float64) statistic {
	s := statistic{n: len(values)}
	if s.n == 0 {
		return s
	}
	for _, v := range values {
		s.mean += v / float64(s.n)
	}
	if s.n > 1 {
		for _, v := range values {
			s.std += (v - s.mean) * (v - s.mean)
		}
		s.std = math.Sqrt(s.std / float64(s.n-1))
	}
	return s
}

// text writes "95.1 ± 0.2", "95.1" for a single run, "NaN" for what is not finite and "–" for what was not measured.
func (s statistic) text(decimals int) string {
	mean, spread := s.parts(decimals)
	if spread != "" {
		return mean + " ± " + spread
	}
	return mean
}

// parts returns mean and standard deviation in writing; the latter is empty where there is none.
func (s statistic) parts(decimals int) (mean, spread string) {
	if s.n == 0 {
		return missing, ""
	}
	mean = formatNumber(s.mean, decimals)
	if s.n > 1 && finite(s.mean) {
		spread = formatNumber(s.std, decimals)
	}
	return mean, spread
}

// missing stands in tables for what was not measured.
const missing = "–"

// formatNumber writes a number with a fixed number of decimals.
func formatNumber(v float64, decimals int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
