package network

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// Scorer computes scores of outputs, those that the forward pass computed already and those that it did not. It is the
// one way from outputs to scores: what a run measures and what a detector answers come out of it alike.
type Scorer struct {
	scores []*dismaxlib.Score
	inner  *dismaxlib.Scorer // of the scores that need no images; nil if there are none
}

// NewScorer returns a scorer of the scores, with their fitted states, as [Network.Forward] takes them. The network and
// its weights may be nil if no score needs the head or images.
func NewScorer(backend compute.Backend, scores []*dismaxlib.Score, fitted map[string]dismaxlib.Fitted,
	n *Network, weights *model.Store) (*Scorer, error) {

	if slices.Contains(scores, nil) {
		return nil, errors.New("one of the scores is nil")
	}
	var scoring *dismaxlib.Network
	if n != nil {
		scoring = n.Scoring(weights)
	}
	s := &Scorer{scores: scores}
	outside := slices.DeleteFunc(slices.Clone(scores), needsImages)
	if len(outside) == 0 {
		return s, nil
	}
	var err error
	s.inner, err = dismaxlib.NewScorer(backend, outside, fitted, scoring)
	return s, err
}

func needsImages(score *dismaxlib.Score) bool { return score.Needs.Has(dismaxlib.NeedsImages) }

// Compute returns the scores of each input, [scores][inputs], in the order that the scores were given in.
func (s *Scorer) Compute(outputs *Outputs) ([][]float64, error) {
	if outputs == nil {
		return nil, errors.New("there are no outputs to compute scores of")
	}
	var outside [][]float64
	if s.inner != nil {
		var err error
		if outside, err = s.inner.Compute(outputs.Outputs); err != nil {
			return nil, err
		}
	}
	inside := outputs.Scores
	all := make([][]float64, len(s.scores))
	for i, score := range s.scores {
		from := &outside
		if needsImages(score) {
			from = &inside
		}
		if len(*from) == 0 {
			return nil, fmt.Errorf("score %s is computed from images, which these outputs do not come from", score.Name)
		}
		all[i], *from = (*from)[0], (*from)[1:]
	}
	return all, nil
}

// Finalize frees the compiled graphs.
func (s *Scorer) Finalize() {
	if s.inner != nil {
		s.inner.Finalize()
	}
}
