package dismaxlib

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Outputs are what a network gave for some inputs, as floats of any precision: one row for each input.
type Outputs struct {
	Logits   *tensors.Tensor // [rows, classes], raw: not divided by any temperature
	Features *tensors.Tensor // [rows, features]; nil if no score needs them
	Images   *tensors.Tensor // normalized [rows, height, width, channels]; nil if no score needs them
}

// Scorer computes scores of stored outputs. It compiles one graph for all its scores for each size of batch, when it is
// first needed.
type Scorer struct {
	scores []*Score
	needs  Needs
	fitted []*tensors.Tensor // the states of all scores, in the order of keys
	keys   [][]string        // the names of each score's state

	// Batches are of a power of two from least to most, the same for all rows of a call: the last is filled up with zeros.
	least, most int
	exec        *model.Exec
}

// The sizes of batches. A matrix product rounds otherwise in batches of another size, on every backend, and a score must
// not depend on the rows beside it. So scores that may hold one, with a state or with the head, have batches of a single
// size, small because a detector is asked for one row at a time; and so have those that run the network.
const (
	mostRows     = 256
	productRows  = 8
	imagesAtOnce = 32
)

// NewScorer returns a scorer of one or more scores with different names. fitted holds the states of those that have
// one, by the name of the score, as from [FitScores]. The network may be nil if no score needs its head or images.
func NewScorer(backend compute.Backend, scores []*Score, fitted map[string]Fitted, network *Network) (*Scorer, error) {
	if len(scores) == 0 || backend == nil {
		return nil, errors.New("a scorer needs a backend and at least one score")
	}
	s := &Scorer{scores: scores, least: 1, most: mostRows}
	names := make(map[string]bool)
	for _, score := range scores {
		if score == nil || score.Graph == nil {
			return nil, errors.New("one of the scores of a scorer is nil, or has no Graph")
		}
		if names[score.Name] {
			return nil, fmt.Errorf("two scores of a scorer are named %s", score.Name)
		}
		names[score.Name] = true
		s.needs |= score.Needs
		keys := slices.Sorted(maps.Keys(fitted[score.Name]))
		for _, key := range keys {
			s.fitted = append(s.fitted, fitted[score.Name][key])
		}
		s.keys = append(s.keys, keys)
	}
	switch {
	case s.needs.Has(NeedsImages):
		s.least, s.most = imagesAtOnce, imagesAtOnce
	case s.needs&(NeedsHead|NeedsSimilarities) != 0 || len(s.fitted) > 0:
		s.least, s.most = productRows, productRows
	}
	store := model.NewStore()
	if network != nil {
		store = network.Store
	}
	var err error
	s.exec, err = model.NewExec(backend, store, func(_ *model.Scope, inputs []*Node) *Node {
		return s.graph(network, inputs)
	})
	if err != nil {
		return nil, fmt.Errorf("building scores: %w", err)
	}
	s.exec.WithName("Scores")
	return s, nil
}

// graph returns the scores, [scores, batch], of the inputs that Compute passes.
func (s *Scorer) graph(network *Network, inputs []*Node) *Node {
	next := func() *Node {
		node := inputs[0]
		inputs = inputs[1:]
		return node
	}
	in := ScoreInputs{Logits: next()}
	if s.needs.Has(NeedsFeatures) {
		in.Features = next()
	}
	if s.needs.Has(NeedsImages) {
		in.Images = next()
	}
	if network != nil {
		in.Head, in.Similarities = network.head, network.similarities()
	}
	if network != nil && network.Backbone != nil {
		in.Network = network.run
	}
	var columns []*Node
	for i, score := range s.scores {
		in.Fitted = nil
		for _, key := range s.keys[i] {
			if in.Fitted == nil {
				in.Fitted = make(map[string]*Node)
			}
			in.Fitted[key] = next()
		}
		columns = append(columns, score.Apply(in))
	}
	return Stack(columns, 0)
}

// Compute returns the scores of each row, [scores][rows], in the order that the scores were given in. All scores are
// computed in float64, from each row alone, so that they do not depend on which rows are computed together. (What a head
// computes in float32 may, in its last digit: on XLA it depends on the row's place in its batch.)
// They must be finite: the error names the first row whose score is not.
func (s *Scorer) Compute(outputs Outputs) ([][]float64, error) {
	inputs, err := s.inputs(outputs)
	if err != nil {
		return nil, err
	}
	rows := outputs.Logits.Shape().Dim(0)
	all := make([][]float64, len(s.scores))
	size := s.batchFor(rows)
	for from := 0; from < rows; from += size {
		count := min(size, rows-from)
		scores, err := s.computeBatch(inputs, from, size)
		if err != nil {
			return nil, fmt.Errorf("computing %s of logits %s: %w", s.names(), outputs.Logits.Shape(), err)
		}
		for i := range all {
			all[i] = append(all[i], scores[i*size:][:count]...)
		}
	}
	for i, score := range s.scores {
		for row, value := range all[i] {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				return nil, fmt.Errorf("score %s of row %d is %g: its logits are not finite or too large",
					score.Name, row, value)
			}
		}
	}
	return all, nil
}

// batchFor returns the size of the batches for so many rows in all.
func (s *Scorer) batchFor(rows int) int {
	size := s.least
	for size < min(rows, s.most) {
		size *= 2
	}
	return size
}

// inputs returns the outputs that the scores need, having checked them.
func (s *Scorer) inputs(outputs Outputs) ([]*tensors.Tensor, error) {
	if outputs.Logits == nil {
		return nil, fmt.Errorf("%s: there are no logits", s.names())
	}
	shape := outputs.Logits.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Dim(1) < 1 {
		return nil, fmt.Errorf("%s: want logits of floats shaped [rows, classes], got %s", s.names(), shape)
	}
	inputs := []*tensors.Tensor{outputs.Logits}
	for _, needed := range []struct {
		need   Needs
		values *tensors.Tensor
		rank   int
	}{{NeedsFeatures, outputs.Features, 2}, {NeedsImages, outputs.Images, 4}} {
		if !s.needs.Has(needed.need) {
			continue
		}
		if needed.values == nil {
			return nil, fmt.Errorf("%s: the outputs have no %s", s.names(), needed.need)
		}
		got := needed.values.Shape()
		if got.Rank() != needed.rank || !got.DType.IsFloat() || got.Dim(0) != shape.Dim(0) {
			return nil, fmt.Errorf("%s: want %s of floats of rank %d, one row for each of the logits %s, got %s",
				s.names(), needed.need, needed.rank, shape, got)
		}
		inputs = append(inputs, needed.values)
	}
	return inputs, nil
}

// computeBatch returns the scores, [scores, batch], of the rows that begin at from.
func (s *Scorer) computeBatch(inputs []*tensors.Tensor, from, size int) ([]float64, error) {
	var args []any
	for _, input := range inputs {
		batch, err := batchOf(input, from, size)
		if err != nil {
			return nil, err
		}
		defer batch.FinalizeAll()
		args = append(args, batch)
	}
	for _, state := range s.fitted {
		args = append(args, state)
	}
	result, err := s.exec.Call1(args...)
	if err != nil {
		return nil, err
	}
	defer result.FinalizeAll()
	return tensors.CopyFlatData[float64](result)
}

// batchOf copies rows of a tensor, and zeros where it has no more.
func batchOf(x *tensors.Tensor, from, size int) (*tensors.Tensor, error) {
	shape := x.Shape().Clone()
	row := int(x.ByteSize()) / shape.Dimensions[0]
	shape.Dimensions[0] = size
	batch := tensors.FromShape(shape)
	var copyErr error
	err := x.ConstBytes(func(data []byte) {
		copyErr = batch.MutableBytes(func(to []byte) { copy(to, data[from*row:]) })
	})
	return batch, errors.Join(err, copyErr)
}

// names lists the scores in an error: "score MPS" or "scores MPS, ES".
func (s *Scorer) names() string {
	if len(s.scores) == 1 {
		return "score " + s.scores[0].Name
	}
	var names []string
	for _, score := range s.scores {
		names = append(names, score.Name)
	}
	return "scores " + strings.Join(names, ", ")
}

// Finalize frees the compiled graphs. The scorer cannot be used after.
func (s *Scorer) Finalize() { s.exec.Finalize() }

// Compute returns the score of each row, for a score that needs no network. fitted is its state, nil if it has none.
// Several scores of the same outputs, or one of several sets, are cheaper with a [Scorer], which compiles once.
func (s *Score) Compute(backend compute.Backend, outputs Outputs, fitted Fitted) ([]float64, error) {
	scorer, err := NewScorer(backend, []*Score{s}, map[string]Fitted{s.Name: fitted}, nil)
	if err != nil {
		return nil, err
	}
	defer scorer.Finalize()
	scores, err := scorer.Compute(outputs)
	if err != nil {
		return nil, err
	}
	return scores[0], nil
}
