package dismaxlib_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
)

// scaled multiplies all rows by a factor.
func scaled(rows [][]float64, factor float64) [][]float64 {
	result := make([][]float64, len(rows))
	for i, row := range rows {
		for _, value := range row {
			result[i] = append(result[i], factor*value)
		}
	}
	return result
}

// extremes are inputs that trip implementations which divide by lengths and distances.
func extremes() map[string]problem {
	change := func(change func(p *problem)) problem {
		p := randomProblem(1, 6, 5, 4)
		change(&p)
		return p
	}
	return map[string]problem{
		"ordinary":       change(func(*problem) {}),
		"batch of one":   randomProblem(2, 1, 5, 4),
		"one class":      randomProblem(3, 6, 5, 1),
		"one feature":    randomProblem(4, 6, 1, 4),
		"one of each":    randomProblem(5, 1, 1, 1),
		"zero features":  change(func(p *problem) { p.features = scaled(p.features, 0) }),
		"zero row":       change(func(p *problem) { p.features[2] = make([]float64, 5) }),
		"tiny features":  change(func(p *problem) { p.features = scaled(p.features, 1e-30) }),
		"huge features":  change(func(p *problem) { p.features = scaled(p.features, 1e4) }),
		"zero prototype": change(func(p *problem) { p.prototypes[1] = make([]float64, 5) }),
		"all zero": change(func(p *problem) {
			p.features, p.prototypes = scaled(p.features, 0), scaled(p.prototypes, 0)
		}),
		"huge prototypes": change(func(p *problem) { p.prototypes = scaled(p.prototypes, 1e4) }),
		"huge scale":      change(func(p *problem) { p.scale = 1e4 }),
		"equal prototypes": change(func(p *problem) {
			for i := range p.prototypes {
				p.prototypes[i] = p.prototypes[0]
			}
		}),
		"feature equal to its prototype": change(func(p *problem) { p.features[3] = p.prototypes[p.labels[3]] }),
		"feature close to its prototype": change(func(p *problem) {
			p.features[3] = scaled(p.prototypes, 1+1e-7)[p.labels[3]]
			p.features[3][0] += 1e-6
		}),
		"all features equal all prototypes": change(func(p *problem) {
			for i := range p.features {
				p.features[i] = p.prototypes[0]
			}
			for i := range p.prototypes {
				p.prototypes[i] = p.prototypes[0]
			}
		}),
	}
}

func TestExtremeInputGivesFiniteNumbers(t *testing.T) {
	for name, p := range extremes() {
		for _, loss := range allLosses(t) {
			for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
				t.Run(fmt.Sprintf("%s/%s/%s", name, loss.Name, dtype), func(t *testing.T) {
					for _, training := range []bool{true, false} {
						checkFinite(t, p, loss, dtype, training, 1e6)
					}
				})
			}
		}
	}
}

// checkFinite checks logits, loss, scores, and gradients, which may be as large as steepest.
func checkFinite(t *testing.T, p problem, loss *dismaxlib.Loss, dtype dtypes.DType, training bool, steepest float64) {
	t.Helper()
	result := p.run(t, loss, dtype, training)
	for i, logits := range result.logits {
		if !isFinite(logits...) {
			t.Errorf("training %t: logits of row %d: %g", training, i, logits)
		}
	}
	if !isFinite(result.loss) || result.loss < -1e-5 {
		t.Errorf("training %t: loss %g", training, result.loss)
	}
	for name, gradient := range result.gradients {
		for i, value := range gradient {
			if !(math.Abs(value) <= steepest) {
				t.Errorf("training %t: gradient of %s, entry %d: %g", training, name, i, value)
			}
		}
	}
	if _, err := scorerOfLogits(t).Compute(dismaxlib.Outputs{Logits: tensor(result.logits, dtype)}); err != nil {
		t.Errorf("training %t: %v", training, err)
	}
}

// scorerOfLogits computes all scores of the paper.
func scorerOfLogits(t *testing.T) *dismaxlib.Scorer {
	t.Helper()
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), dismaxlib.Scores(0), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return scorer
}

func TestFeatureEqualToItsPrototypeHasDistanceZero(t *testing.T) {
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
		for _, name := range []string{"isomax", "isomaxplus"} {
			p := randomProblem(6, 5, 300, 40)
			for i := range p.features {
				p.features[i] = p.prototypes[7]
			}
			p.prototypes[9] = p.prototypes[7] // the twin is at the same distance
			result := p.run(t, lossByName(t, name), dtype, false)
			for i, logits := range result.logits {
				if logits[7] != 0 || logits[9] != 0 {
					t.Errorf("%s, %s, row %d: logits of equal prototypes: got %g and %g, want 0",
						name, dtype, i, logits[7], logits[9])
				}
			}
		}
	}
}

// TestDistancesKeepTheirDigitsNearAPrototype compares with distances taken by subtraction, in float64.
func TestDistancesKeepTheirDigitsNearAPrototype(t *testing.T) {
	for _, test := range []struct {
		dtype     dtypes.DType
		training  bool
		tolerance float64
	}{
		{dtypes.Float32, false, 2e-6}, {dtypes.Float32, true, 2e-6},
		{dtypes.Float64, false, 1e-13}, {dtypes.Float64, true, 1e-13},
	} {
		for _, offset := range []float64{0, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1} {
			p := randomProblem(7, 8, 200, 30)
			for i := range p.features {
				for k := range p.features[i] {
					p.features[i][k] = roundTo(test.dtype, p.prototypes[i][k]+offset*p.features[i][k])
					p.prototypes[i][k] = roundTo(test.dtype, p.prototypes[i][k])
				}
			}
			result := p.run(t, lossByName(t, "isomax"), test.dtype, test.training)
			for i, logits := range result.logits {
				want, largest := make([]float64, len(logits)), 0.0
				for j := range want {
					want[j] = -distance(p.features[i], p.prototypes[j])
					largest = max(largest, -want[j])
				}
				for j := range want {
					if difference := math.Abs(logits[j] - want[j]); difference > test.tolerance*largest {
						t.Errorf("%s, training %t, offset %g, row %d, class %d: got %.12g, want %.12g",
							test.dtype, test.training, offset, i, j, logits[j], want[j])
					}
				}
			}
		}
	}
}

func roundTo(dtype dtypes.DType, value float64) float64 {
	if dtype == dtypes.Float32 {
		return float64(float32(value))
	}
	return value
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}

// FuzzHeadAndLoss feeds any moderate numbers as features and prototypes, 3 rows of 2 features and 2 classes, to one of the
// losses. The choice's low bits are the labels.
func FuzzHeadAndLoss(f *testing.F) {
	bits := func(values ...float32) []byte {
		var data []byte
		for _, value := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(value))
		}
		return data
	}
	const batch, features, classes = 3, 2, 2
	for loss := range uint8(5) {
		f.Add(bits(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 5|loss<<batch)
		f.Add(bits(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0|loss<<batch)
		f.Add(bits(1, 0, 1, 0, 1, 1e-7, 1, 0, 1, 0), 3|loss<<batch)
		f.Add(bits(1e4, -1e4, 1e-30, 0, 1, 1, 1e4, -1e4, -1, -1), 7|loss<<batch)
	}
	f.Fuzz(func(t *testing.T, data []byte, choice uint8) {
		if len(data) < 4*features*(batch+classes) {
			t.Skip("too few numbers")
		}
		next := func(rows int) [][]float64 {
			values := make([][]float64, rows)
			for i := range values {
				for range features {
					value := float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
					data = data[4:]
					if math.IsNaN(value) || math.Abs(value) > 1e6 {
						t.Skip("no number that a network would give")
					}
					values[i] = append(values[i], value)
				}
			}
			return values
		}
		p := problem{features: next(batch), prototypes: next(classes)}
		for i := range batch {
			p.labels = append(p.labels, int32(choice>>i)&1)
		}
		losses := allLosses(t)
		loss := losses[int(choice>>batch)%len(losses)]
		// The gradient of a direction is the steeper the shorter the vector.
		checkFinite(t, p, loss, dtypes.Float32, true, math.MaxFloat32)
		checkFinite(t, p, loss, dtypes.Float32, false, math.MaxFloat32)
	})
}
