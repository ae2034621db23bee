package show

import (
	"sync"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Backend returns the backend that GOMLX_BACKEND or the machine suggests, the same one throughout a cell.
var Backend = sync.OnceValue(func() compute.Backend {
	compute, _, err := backend.Open("")
	Check(err)
	return compute
})

// Scores returns the score of each row of the logits, read at their temperature.
func Scores(name string, logits metrics.Logits) []float64 {
	divided := make([]float64, len(logits.Values))
	for i, value := range logits.Values {
		divided[i] = value / logits.Temperature()
	}
	rows := tensors.FromFlatDataAndDimensions(divided, logits.Rows(), logits.Classes)
	return Must(Must(dismaxlib.ScoreByName(name)).Compute(Backend(), dismaxlib.Outputs{Logits: rows}, nil))
}
