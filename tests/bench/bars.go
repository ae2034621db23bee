package main

import (
	"fmt"
	"runtime"

	"github.com/dismax-go/dismax/internal/bench"
)

// cores says what a process may compute with.
type cores string

const (
	oneCore  cores = "one core"  // pinned to it, with one thread: CPU seconds are compared
	allCores cores = "all cores" // as users run it: wall-clock seconds are compared
)

// seconds returns the time of a step that is compared.
func (c cores) seconds(t bench.Timing) float64 {
	if c == oneCore {
		return t.CPUSeconds
	}
	return t.WallSeconds
}

// unit names what seconds returns.
func (c cores) unit() string {
	if c == oneCore {
		return "CPU s"
	}
	return "wall s"
}

func (c cores) threads() int {
	if c == oneCore {
		return 1
	}
	return runtime.NumCPU()
}

// bar is a case with the most that it may take.
type bar struct {
	model string
	batch int
	cores cores
	steps int     // that are timed in every round
	ratio float64 // of our training step to PyTorch's, at most. 0: PyTorch is not run
	bytes int64   // of peak memory, at most. 0: any
}

// name says which comparison this is: "resnet34:4 on one core".
func (b bar) name() string { return fmt.Sprintf("%s:%d on %s", b.model, b.batch, b.cores) }

// bars are what the pure-Go backend must keep.
var bars = []bar{
	{model: "resnet34", batch: 4, cores: oneCore, steps: 10, ratio: 1.3},
	{model: "resnet20", batch: 32, cores: oneCore, steps: 20, ratio: 2.0},
	{model: "densenet-bc-100", batch: 16, cores: oneCore, steps: 5, ratio: 2.5},
	{model: "wideresnet-28-10", batch: 4, cores: oneCore, steps: 4, ratio: 2.5},
	{model: "resnet34", batch: 4, cores: allCores, steps: 15, ratio: 1.5},
	{model: "resnet20", batch: 32, cores: allCores, steps: 30, ratio: 2.5, bytes: 400e6},
	{model: "resnet20", batch: 128, cores: allCores, steps: 5, bytes: 1400e6},
}
