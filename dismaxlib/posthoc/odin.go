package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
)

// ODIN is the temperature part of ODIN (Liang, Li and Srikant 2018, arXiv 1706.02690, equation 1), without its
// perturbation of the image:
//
//	max_j softmax(logits / temperature)_j
//
// The paper's temperature is 1000. Its scores lie close together, just above 1/classes. It panics unless the temperature
// is positive and finite.
func ODIN(temperature float64) *dismaxlib.Score {
	checkPositive("ODIN", "temperature", temperature)
	return &dismaxlib.Score{
		Name: "ODIN", Title: "maximum probability at a high temperature",
		Parameters: map[string]float64{"temperature": temperature},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return ReduceMax(Softmax(DivScalar(in.Logits, temperature)), -1)
		},
	}
}
