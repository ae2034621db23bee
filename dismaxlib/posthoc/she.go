package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
)

// SHE is the simplified Hopfield energy (Zhang et al. 2023, ICLR):
//
//	x · pattern_k,  k the predicted class
//
// where the pattern of a class is the mean feature of its training rows that are classified rightly. Without any, it is
// 0, which refuses the class where features are positive.
func SHE() *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "SHE", Title: "simplified Hopfield energy", Needs: dismaxlib.NeedsFeatures,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			patterns, _ := t.classMeans(t.classes(), func(row int) (class int, counts bool) {
				return int(t.labels[row]), t.predicted(row) == int(t.labels[row])
			})
			return dismaxlib.Fitted{"patterns": tensorOf(patterns)}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return ReduceSum(Mul(in.Features, predicted(in.Logits, state(in, "patterns"))), -1)
		},
	}
}
