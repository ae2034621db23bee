package network

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/gomlx/core/tensors"
)

// collected gathers the answers of batches.
type collected struct {
	inputs, classes, width int
	logits, features       []float32
	scores                 [][]float64
}

// add appends the first count rows of the results of one batch: logits, features if there are any, scores.
func (c *collected) add(results []*tensors.Tensor, count int, hasFeatures bool) error {
	c.classes = results[0].Shape().Dim(1)
	logits, err := rowsOf[float32](results[0], count)
	if err != nil {
		return fmt.Errorf("reading logits: %w", err)
	}
	for i, logit := range logits {
		if logit-logit != 0 { // NaN or infinite
			return fmt.Errorf("input %d has logit %g for class %d: the weights are not usable",
				c.inputs+i/c.classes, logit, i%c.classes)
		}
	}
	c.logits = append(c.logits, logits...)
	results = results[1:]
	if hasFeatures {
		c.width = results[0].Shape().Dim(1)
		features, err := rowsOf[float32](results[0], count)
		if err != nil {
			return fmt.Errorf("reading features: %w", err)
		}
		c.features = append(c.features, features...)
		results = results[1:]
	}
	if c.scores == nil {
		c.scores = make([][]float64, len(results))
	}
	for i, result := range results {
		values, err := rowsOf[float64](result, count)
		if err != nil {
			return fmt.Errorf("reading scores: %w", err)
		}
		c.scores[i] = append(c.scores[i], values...)
	}
	c.inputs += count
	return nil
}

// rowsOf copies the first rows of a tensor.
func rowsOf[T float32 | float64](x *tensors.Tensor, rows int) ([]T, error) {
	values, err := tensors.CopyFlatData[T](x)
	if err != nil {
		return nil, err
	}
	return values[:rows*(len(values)/x.Shape().Dim(0))], nil
}

func (c *collected) outputs() *Outputs {
	outputs := &Outputs{Scores: c.scores}
	outputs.Outputs = dismaxlib.Outputs{Logits: tensors.FromFlatDataAndDimensions(c.logits, c.inputs, c.classes)}
	if c.width > 0 {
		outputs.Features = tensors.FromFlatDataAndDimensions(c.features, c.inputs, c.width)
	}
	return outputs
}
