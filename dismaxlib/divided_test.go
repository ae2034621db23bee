package dismaxlib_test

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// similarity is an equation of the heads that divide similarities, without the bias, which starts at 0.
type similarity func(feature, prototype []float32) float64

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func cosine(a, b []float32) float64 { return dot(a, b) / math.Sqrt(dot(a, a)*dot(b, b)) }

func minusSquaredDistance(a, b []float32) float64 { return 2*dot(a, b) - dot(a, a) - dot(b, b) }

func TestMaxSimilarityIsTheLargestOfTheHeadsOwnEquation(t *testing.T) {
	const classes = 4
	features := [][]float32{{1, 2, -1}, {0.5, -3, 2}, {-1, 1, 4}}
	for name, equation := range map[string]similarity{
		"scaled-cosine": cosine, "godin": cosine, "godin:inner": dot, "godin:euclidean": minusSquaredDistance,
	} {
		loss, store := lossByName(t, name), model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		head := func(scope *model.Scope, features *Node) *Node { return loss.Head(scope, features, classes) }
		logits, err := model.CallOnce(testkit.Backend(t), store, head, tensors.FromValue(features))
		if err != nil {
			t.Fatal(err)
		}
		scorer, err := dismaxlib.NewScorer(testkit.Backend(t), []*dismaxlib.Score{dismaxlib.MaxSimilarity}, nil,
			&dismaxlib.Network{Store: store, Similarities: func(scope *model.Scope, features *Node) *Node {
				return loss.Similarities(scope, features, classes)
			}})
		if err != nil {
			t.Fatal(err)
		}
		defer scorer.Finalize()
		scores, err := scorer.Compute(dismaxlib.Outputs{Features: tensors.FromValue(features), Logits: logits})
		if err != nil {
			t.Fatal(err)
		}
		prototypes := store.GetVariable("/head/prototypes").MustValue().Value().([][]float32)
		for i, feature := range features {
			want := math.Inf(-1)
			for _, prototype := range prototypes {
				want = max(want, equation(feature, prototype))
			}
			if got := scores[0][i]; math.Abs(got-want) > 1e-5*math.Max(1, math.Abs(want)) {
				t.Errorf("%s, input %d: got %g, want %g", name, i, got, want)
			}
		}
	}
}

func TestGODINRefusesASimilarityThatIsNone(t *testing.T) {
	_, err := model.CallOnce(testkit.Backend(t), model.NewStore(), func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.GODIN(scope, features, 2, "angle").Done()
	}, tensors.FromValue([][]float32{{1, 2}}))
	if err == nil || !strings.Contains(err.Error(), `unknown similarity "angle": choose one of`) {
		t.Errorf("got error %v, want one that lists the similarities", err)
	}
}

func TestASecondHeadInAScopeIsRefused(t *testing.T) {
	_, err := model.CallOnce(testkit.Backend(t), model.NewStore(), func(scope *model.Scope, features *Node) *Node {
		dismaxlib.DisMax(scope, features, 2).Done()
		return dismaxlib.DisMax(scope, features, 2).Done()
	}, tensors.FromValue([][]float32{{1, 2}}))
	if err == nil || !strings.Contains(err.Error(), "holds a head already") {
		t.Errorf("got error %v, want one that says how to give a head a scope", err)
	}
}
