package softmax

import "math"

// lowest is where results below the smallest normal float64 begin; they are returned as 0.
const lowest = -708.0

const (
	tableBits = 8
	tableSize = 1 << tableBits

	stepsPerUnit = tableSize / math.Ln2

	// A step is ln(2)/tableSize. Its high part has few enough digits that its product with a number of steps is exact.
	stepHigh = 6.93147180369123816490e-01 / tableSize
	stepLow  = 1.90821492927058770002e-10 / tableSize
)

// table holds the bits of 2^(i/tableSize).
var table = func() (t [tableSize]uint64) {
	for i := range t {
		t[i] = math.Float64bits(math.Exp2(float64(i) / tableSize))
	}
	return t
}()

// exp returns the exponential of x <= 0, to within 1e-15 of its value, and 0 where that is below 1e-307. It takes half
// the time of math.Exp, which mixes SSE and AVX instructions and becomes a hundred times slower in programs built with
// GOEXPERIMENT=simd (Go 1.27, amd64) once the scheduler has interrupted its loop.
//
// With x = steps*ln(2)/tableSize + rest, exp(x) = 2^(steps/tableSize) * exp(rest): the first factor comes from the
// table and from shifting the exponent, the second from its Taylor polynomial, as |rest| < 0.0014.
func exp(x float64) float64 {
	if x < lowest {
		return 0
	}
	steps := int64(x*stepsPerUnit - 0.5)
	rest := x - float64(steps)*stepHigh - float64(steps)*stepLow
	polynomial := 1 + rest*(1+rest*(1.0/2+rest*(1.0/6+rest*(1.0/24))))
	power := math.Float64frombits(table[steps&(tableSize-1)] + uint64(steps>>tableBits)<<52)
	return power * polynomial
}
