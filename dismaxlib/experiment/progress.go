package experiment

import (
	"iter"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/gomlx/ml/train"
)

// Progress is what a run does beside its training steps, which [training.Watcher] follows.
type Progress struct {
	Doing       string // "reading cifar10", "compiling", "evaluating on test"; "" when it is done
	Done, Total int    // images; Total is 0 where they are not counted
}

// report tells Options.Progress, if it is set.
func (e *run) report(p Progress) {
	if e.options.Progress != nil {
		e.options.Progress(p)
	}
}

// untilFirstStep reports that graphs are compiled until the watcher that it returns sees a step.
func (e *run) untilFirstStep() training.Watcher {
	e.report(Progress{Doing: "compiling"})
	compiling := true
	stop := func() {
		if compiling {
			compiling = false
			e.report(Progress{})
		}
	}
	return training.Watcher{Resume: func([]training.Epoch) { stop() }, Step: func(training.Step) { stop() }}
}

// counted is the data, whose images are reported as they are passed through the network.
func (e *run) counted(data train.Dataset, images int) train.Dataset {
	if e.doing == "" {
		return data
	}
	return &countedData{data, e, images}
}

type countedData struct {
	train.Dataset
	run   *run
	total int
}

// Iter implements [train.Dataset].
func (c *countedData) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		p := Progress{Doing: c.run.doing, Total: c.total}
		defer c.run.report(Progress{})
		c.run.report(p)
		for batch, err := range c.Dataset.Iter() {
			count := 0
			if err == nil && len(batch.Inputs) > 0 && batch.Inputs[0].Rank() > 0 {
				count = batch.Inputs[0].Shape().Dim(0)
			}
			if !yield(batch, err) {
				return
			}
			p.Done += count
			c.run.report(p)
		}
	}
}
