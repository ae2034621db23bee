package dismaxlib_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/compute/dtypes"
)

// TestGradientsMatchFiniteDifferences moves every feature, prototype and the distance scale of every loss.
func TestGradientsMatchFiniteDifferences(t *testing.T) {
	losses := append(allLosses(t), dismaxlib.DisMaxFPR(0.3))
	for i, loss := range losses {
		for _, batch := range []int{1, 2, 3, 5, 8} {
			t.Run(fmt.Sprintf("%d_%s_batch_%d", i, loss.Name, batch), func(t *testing.T) {
				p := randomProblem(uint64(batch), batch, 4, 3)
				p.scale = -0.9
				gradients := p.run(t, loss, dtypes.Float64, true).gradients
				checkGradient(t, "features", p, loss, gradients["features"], flatten(p.features))
				name := "prototypes"
				if loss.Name == "softmax" {
					name = "weights"
				}
				checkGradient(t, name, p, loss, gradients[name], flatten(p.prototypes))
				if got, ok := gradients["distance_scale"]; ok {
					moved := p
					checkMoves(t, "distance scale", got, 1, func(_ int, by float64) float64 {
						moved.scale = p.scale + by
						return moved.run(t, loss, dtypes.Float64, true).loss
					})
				}
			})
		}
	}
}

// flatten lists pointers to all entries of rows.
func flatten(rows [][]float64) []*float64 {
	var entries []*float64
	for _, row := range rows {
		for i := range row {
			entries = append(entries, &row[i])
		}
	}
	return entries
}

// checkGradient compares a gradient with differences of the loss when entries of the problem move.
func checkGradient(t *testing.T, what string, p problem, loss *dismaxlib.Loss, got []float64, entries []*float64) {
	t.Helper()
	checkMoves(t, what, got, len(entries), func(i int, by float64) float64 {
		original := *entries[i]
		defer func() { *entries[i] = original }()
		*entries[i] += by
		return p.run(t, loss, dtypes.Float64, true).loss
	})
}

func checkMoves(t *testing.T, what string, got []float64, count int, lossAt func(i int, by float64) float64) {
	t.Helper()
	if len(got) != count {
		t.Fatalf("gradient of %s: got %d entries, want %d", what, len(got), count)
	}
	const step = 1e-5
	for i := range count {
		want := (lossAt(i, step) - lossAt(i, -step)) / (2 * step)
		if difference := math.Abs(got[i] - want); !(difference < 1e-7*max(1, math.Abs(want))) {
			t.Errorf("gradient of %s, entry %d: got %.10g, want %.10g", what, i, got[i], want)
		}
	}
}
