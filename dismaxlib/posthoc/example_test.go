package posthoc_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/gomlx/gomlx/core/tensors"
)

// GEN of two predictions, a clear one and an undecided one. Scores with a state are fitted by dismaxlib.FitScores first.
func Example() {
	device, _, err := backend.Open("goconv")
	if err != nil {
		log.Fatal(err)
	}
	defer device.Finalize()
	logits := tensors.FromValue([][]float32{{9, 0, 0}, {1, 1, 1}})
	scores, err := posthoc.GEN(0.1, 100).Compute(device, dismaxlib.Outputs{Logits: logits}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", scores)
	// Output: [-1.25 -2.58]
}
