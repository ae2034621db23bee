package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/bench"
)

// bar is the most that an engine of ours may take for a network, in float32 with the DisMax loss on a CPU.
type bar struct {
	engine, model string
	batch         int
	against       []string // engines, of which the fastest counts
	training      float64  // of the training step's seconds to theirs, at most. 0: any
	inference     float64  // likewise, of inference
	bytes         int64    // of peak memory in every round, at most. 0: any
}

// bars are what the backends must keep.
var bars = []bar{
	{engine: "goconv", model: "resnet20", batch: 32, against: torchEngines, training: 0.9, inference: 0.9, bytes: 400e6},
	{engine: "goconv", model: "resnet34", batch: 16, against: torchEngines, training: 0.8, inference: 0.7},
	{engine: "goconv", model: "densenet-bc-100", batch: 16, against: torchEngines, training: 1, inference: 0.9,
		bytes: 1100e6},
	{engine: "goconv", model: "wideresnet-28-10", batch: 4, against: torchEngines, training: 0.75, inference: 0.7},
	{engine: "goconv", model: "resnet20", batch: 128, bytes: 1400e6},
	{engine: jaxlibPlugin, model: "resnet20", batch: 32, against: []string{jaxEngine}, training: 1.1},
	{engine: jaxlibPlugin, model: "resnet34", batch: 16, against: []string{jaxEngine}, training: 1.1},
}

// verdict prints a line for each bar that was measured and for each engine of ours that failed, and returns an error if
// one was missed or one failed.
func verdict(out io.Writer, c *comparison) error {
	missed := false
	for _, g := range c.groups() {
		for _, r := range g.rows {
			if isOurs(r.engine) && (len(r.rounds) == 0 || r.failure != "") {
				missed = true
				fmt.Fprintf(out, "%s %s, %s, %s: could not be measured\n", missedMark, g.Case, g.precision, r.engine)
			}
		}
		for _, b := range bars {
			if c.Machine.GPU != "" || g.Case != (bench.Case{Model: b.model, Batch: b.batch, Loss: "dismax"}) ||
				g.precision != "float32" {
				continue
			}
			for _, line := range b.judge(&g) {
				missed = missed || strings.HasPrefix(line, missedMark)
				fmt.Fprintln(out, line)
			}
		}
	}
	if missed {
		return errors.New("a bar was missed")
	}
	return nil
}

const (
	keptMark   = "kept:  "
	missedMark = "MISSED:"
)

// judge returns a line for each limit of the bar that was measured.
func (b bar) judge(g *group) (lines []string) {
	ours := g.row(b.engine)
	if ours == nil {
		return nil
	}
	judgement := func(kept bool, format string, args ...any) {
		mark := missedMark
		if kept {
			mark = keptMark
		}
		lines = append(lines, fmt.Sprintf("%s %s, %s: ", mark, g.Case, b.engine)+fmt.Sprintf(format, args...))
	}
	times := func(what string, value quantity, most float64) {
		best := g.best(b.against, value)
		if best == nil || most == 0 {
			return
		}
		if ratio := ours.ratio(best, value); ratio > 0 {
			judgement(ratio <= most, "%s %.2f times %s (at most %g)", what, ratio, best.engine, most)
		}
	}
	times("training", trainSeconds, b.training)
	times("inference", inferenceSeconds, b.inference)
	if b.bytes > 0 {
		peaks, limit := ours.values(peak), bench.Megabytes(b.bytes)
		if most := int64(slices.Max(peaks)); slices.Min(peaks) > 0 {
			judgement(most <= b.bytes, "%s MB (at most %s)", bench.Megabytes(most), limit)
		} else {
			judgement(false, "unknown memory (at most %s MB)", limit)
		}
	}
	return lines
}
