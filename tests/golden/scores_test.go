package golden

import (
	"fmt"
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
)

// scoreCase is one entry of scores.json. The case "extreme" has no scores: they must be finite, and the entropy
// that of a certain first row and of a uniform second one.
type scoreCase struct {
	Name          string
	Rows, Classes int
	Logits        []float64
	Scores        map[string][]float64
}

func TestGoldenScores(t *testing.T) {
	var file struct{ Cases []scoreCase }
	testkit.Golden(t, "scores.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("scores.json holds no cases")
	}
	backend := testkit.Backend(t)
	for _, c := range file.Cases {
		for _, precision := range precisions {
			t.Run(fmt.Sprintf("%s_%s", c.Name, precision.dtype), func(t *testing.T) {
				logits := tensorOf(c.Logits, precision.dtype, c.Rows, c.Classes)
				all := dismaxlib.Scores(0)
				scorer, err := dismaxlib.NewScorer(backend, all, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				values, err := scorer.Compute(dismaxlib.Outputs{Logits: logits})
				if err != nil {
					t.Fatal(err)
				}
				got := make(map[string][]float64)
				for i, score := range all {
					got[score.Name] = values[i]
				}
				for name, want := range c.Scores {
					testkit.CheckClose(t, name, got[name], want, precision.tolerance)
				}
				if c.Name == "extreme" {
					want := []float64{0, -math.Log(float64(c.Classes))}
					testkit.CheckClose(t, "ES", got["ES"], want, precision.tolerance)
				}
			})
		}
	}
}
