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

// Scores returns the score of each row of the logits, which are taken raw, whatever temperature they are read at.
func Scores(name string, logits metrics.Logits) []float64 {
	rows := tensors.FromFlatDataAndDimensions(logits.Values, logits.Rows(), logits.Classes)
	return Must(Must(dismaxlib.ScoreByName(name)).Compute(Backend(), dismaxlib.Outputs{Logits: rows}, nil))
}
