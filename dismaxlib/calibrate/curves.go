package calibrate

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/internal/exponential"
)

// curves holds every image's confidence as a function of the position x = -log(temperature): exact values and slopes at
// knots, to be interpolated between them. It makes the ECE at one more temperature cost a few operations per image
// instead of an exponential per logit.
//
// The knots are log(2)/2 apart. That makes them cheap, too: from one knot to the next but one, 1/temperature doubles
// and so each exponential is squared.
type curves struct {
	rows    int
	correct []float64   // [rows], 1 or 0
	value   [][]float64 // [knots][rows], confidence
	slope   [][]float64 // [knots][rows], its derivative times knotDistance
}

const (
	knotDistance = math.Ln2 / 2
	series       = 2 // knots per doubling
)

// knots is how many it takes to span MinTemperature to MaxTemperature.
var knots = 1 + int(math.Ceil(math.Log(MaxTemperature/MinTemperature)/knotDistance))

func newCurves(logits metrics.Logits, labels []int32) *curves {
	c := &curves{rows: logits.Rows(), correct: make([]float64, logits.Rows())}
	for range knots {
		c.value = append(c.value, make([]float64, c.rows))
		c.slope = append(c.slope, make([]float64, c.rows))
	}
	below, e := make([]float64, logits.Classes), make([]float64, logits.Classes)
	for i, label := range labels {
		row := logits.Row(i)
		largest := largestOf(row)
		first := 0 // the first class with the largest logit is the prediction
		for row[first] < largest {
			first++
		}
		if first == int(label) {
			c.correct[i] = 1
		}
		for class, logit := range row {
			below[class] = max(logit-largest, -math.MaxFloat64)
		}
		for start := range series {
			c.fill(i, start, below, e)
		}
	}
	return c
}

// fill computes row i at the knots start, start + series, …; e is scratch. The confidence is 1/sum with
// sum = Σ exp(b*below) at the inverse temperature b, and its derivative with respect to log b is
// -b * Σ below*exp(b*below) / sum².
func (c *curves) fill(i, start int, below, e []float64) {
	inverse := math.Exp(c.position(start))
	for class, d := range below {
		e[class] = exponential.OfNegative(inverse * d)
	}
	for knot := start; knot < knots; knot += series {
		sum, weighted := 0.0, 0.0
		for class, d := range below {
			x := e[class]
			sum += x
			weighted += x * d
			e[class] = x * x
		}
		c.value[knot][i] = 1 / sum
		c.slope[knot][i] = -inverse * weighted / (sum * sum) * knotDistance
		inverse *= 2
	}
}

// position returns where a knot lies.
func (c *curves) position(knot int) float64 { return c.lowest() + float64(knot)*knotDistance }

func (c *curves) lowest() float64 { return -math.Log(MaxTemperature) }

// scan estimates the ECE at one position after the other.
type scan struct {
	*curves
	bins int
	gaps []float64 // [bins], sum of confidence - correct
}

func newScan(c *curves, bins int) *scan {
	return &scan{curves: c, bins: bins, gaps: make([]float64, bins)}
}

// ece interpolates the confidences by cubics that agree with values and slopes at the two knots around the position.
func (s *scan) ece(position float64) float64 {
	knot := min(max(int((position-s.lowest())/knotDistance), 0), knots-2)
	t := (position - s.position(knot)) / knotDistance
	u := 1 - t
	a, b := u*u*(1+2*t), u*u*t
	c, d := t*t*(1+2*u), -t*t*u

	clear(s.gaps)
	value, slope := s.value[knot], s.slope[knot]
	nextValue, nextSlope := s.value[knot+1], s.slope[knot+1]
	scale, last := float64(s.bins), s.bins-1
	for i, correct := range s.correct {
		confidence := a*value[i] + b*slope[i] + c*nextValue[i] + d*nextSlope[i]
		bin := min(max(int(math.Ceil(confidence*scale))-1, 0), last)
		s.gaps[bin] += confidence - correct
	}
	sum := 0.0
	for _, gap := range s.gaps {
		sum += math.Abs(gap)
	}
	return sum / float64(s.rows)
}
