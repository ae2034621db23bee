package bench

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
)

// DefaultBatch is the batch size of a case that names none, that of the paper's CIFAR runs.
const DefaultBatch = 64

// Case is what is measured: a model with the head of a loss, at a batch size.
type Case struct {
	Model string `json:"model"`
	Batch int    `json:"batch"`
	Loss  string `json:"loss"`
}

// String names the case as [ParseCases] reads it, without its loss: "resnet20:32".
func (c Case) String() string { return fmt.Sprintf("%s:%d", c.Model, c.Batch) }

// ParseCases makes the cases of every model with every loss. Models are registered names, each with a batch size after
// a colon or without one: "resnet20:32", "resnet34". The error of an unknown name lists the known ones.
func ParseCases(modelBatches, losses []string) ([]Case, error) {
	if len(modelBatches) == 0 || len(losses) == 0 {
		return nil, fmt.Errorf("nothing to measure: name at least one model (%s) and one loss (%s)",
			strings.Join(models.Names(), ", "), strings.Join(dismaxlib.LossNames(), ", "))
	}
	var cases []Case
	for _, modelBatch := range modelBatches {
		for _, loss := range losses {
			c, err := parseCase(modelBatch, loss)
			if err != nil {
				return nil, err
			}
			cases = append(cases, c)
		}
	}
	return cases, nil
}

func parseCase(modelBatch, loss string) (Case, error) {
	name, batch, hasBatch := strings.Cut(modelBatch, ":")
	c := Case{Model: name, Batch: DefaultBatch, Loss: loss}
	if _, err := models.ByName(name); err != nil {
		return Case{}, err
	}
	if _, err := dismaxlib.LossByName(loss); err != nil {
		return Case{}, err
	}
	if !hasBatch {
		return c, nil
	}
	var err error
	if c.Batch, err = strconv.Atoi(batch); err != nil || c.Batch < 1 {
		return Case{}, fmt.Errorf("%q: the batch size after the colon must be a whole number from 1, as in %s:%d",
			modelBatch, name, DefaultBatch)
	}
	return c, nil
}
