package metrics

import (
	"errors"
	"fmt"
	"math"
)

// ErrEmpty is wrapped by the error of every function that was given no scores or no logits.
var ErrEmpty = errors.New("the set is empty")

// checkScores refuses empty sets and NaN. Infinite scores have a rank and are welcome.
func checkScores(argument string, scores []float64) error {
	if len(scores) == 0 {
		return fmt.Errorf("metrics: %s has no scores: %w", argument, ErrEmpty)
	}
	for i, score := range scores {
		if math.IsNaN(score) {
			return fmt.Errorf("metrics: %s[%d] is NaN: a score that has no rank cannot be counted", argument, i)
		}
	}
	return nil
}

func checkBothScores(in, out []float64) error {
	if err := checkScores("in", in); err != nil {
		return err
	}
	return checkScores("out", out)
}

// mostBins bounds the memory that bins take.
const mostBins = 1_000_000

func checkBins(bins int) error {
	if bins < 1 || bins > mostBins {
		return fmt.Errorf("metrics: bins is %d, want 1 to %d (the paper uses %d)", bins, mostBins, DefaultBins)
	}
	return nil
}
