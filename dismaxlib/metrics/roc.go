package metrics

import (
	"fmt"
)

// ROCPoint is one point of the ROC curve with in-distribution as the positive class.
type ROCPoint struct {
	FalsePositiveRate float64 // share of out-of-distribution inputs that pass the threshold
	TruePositiveRate  float64 // share of in-distribution inputs that pass it
}

// ROC returns the curve from (0, 0) to (1, 1) as the threshold falls past each distinct score. A straight line from
// point to point encloses the AUROC of [FieldConvention].
//
// If the curve has more than limit points it is thinned to limit, spread evenly over its length, the two ends
// included; limit 0 keeps all.
func ROC(in, out []float64, limit int) ([]ROCPoint, error) {
	if err := checkBothScores(in, out); err != nil {
		return nil, err
	}
	if limit < 0 || limit == 1 {
		return nil, fmt.Errorf("metrics: limit is %d, want 0 for all points or at least 2", limit)
	}
	t := newTally(in, out)
	points := make([]ROCPoint, 1, len(t.in)+1)
	passedIn, passedOut := 0, 0
	for group := len(t.in) - 1; group >= 0; group-- {
		passedIn += int(t.in[group])
		passedOut += int(t.out[group])
		points = append(points, ROCPoint{
			FalsePositiveRate: ratio(passedOut, t.totalOut),
			TruePositiveRate:  ratio(passedIn, t.totalIn),
		})
	}
	if limit > 0 && len(points) > limit {
		points = thin(points, limit)
	}
	return points, nil
}

// thin keeps at most limit points. Both rates only grow along the curve, so that their sum measures how far a point
// lies along it: the way is cut into limit - 1 pieces of equal length and the first point of each is kept, and the end.
func thin(points []ROCPoint, limit int) []ROCPoint {
	kept := make([]ROCPoint, 0, limit)
	nextPiece := 0
	for _, p := range points[:len(points)-1] {
		way := (p.FalsePositiveRate + p.TruePositiveRate) / 2
		if piece := int(way * float64(limit-1)); piece >= nextPiece {
			kept = append(kept, p)
			nextPiece = piece + 1
		}
	}
	return append(kept, points[len(points)-1])
}
