package posthoc

import (
	"sync"

	"github.com/dismax-go/dismax/dismaxlib"
)

// Scores returns the scores of this package at their default parameters, the same values at every call. Those of
// networks with a linear head alone are among them: see dismaxlib.Score.AppliesTo.
func Scores() []*dismaxlib.Score { return all() }

var all = sync.OnceValue(func() []*dismaxlib.Score {
	return []*dismaxlib.Score{
		ODIN(1000), GEN(0.1, 100), KLMatching(),
		KNN(50), Mahalanobis(), RelativeMahalanobis(), SHE(), NNGuide(10),
		ReAct(90), ASHP(60), ASHB(65), ASHS(90), SCALE(85),
		ViM(0), DICE(0.7), FDBD(),
	}
})

// Register registers all of [Scores] by dismaxlib.RegisterScore. Calls after the first do nothing. It panics if one of
// the names is taken.
func Register() { register() }

var register = sync.OnceFunc(func() {
	for _, score := range Scores() {
		dismaxlib.RegisterScore(score)
	}
})
