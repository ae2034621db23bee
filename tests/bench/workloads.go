package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/bench"
)

// workload is a network at a batch size, with the number of steps that are timed in one measurement.
type workload struct {
	bench.Case
	title     string
	steps     int
	byDefault bool
}

// workloads are those whose steps fit a comparison: each measurement takes a quarter of a minute on two cores.
var workloads = []workload{
	{bench.Case{Model: "resnet20", Batch: 32}, "ResNet-20", 20, true},
	{bench.Case{Model: "resnet34", Batch: 16}, "ResNet-34", 6, true},
	{bench.Case{Model: "densenet-bc-100", Batch: 16}, "DenseNet-BC-100", 6, true},
	{bench.Case{Model: "wideresnet-28-10", Batch: 4}, "WideResNet-28-10", 5, true},
	{bench.Case{Model: "resnet20", Batch: 128}, "ResNet-20", 6, false},
	{bench.Case{Model: "resnet34", Batch: 64}, "ResNet-34", 3, false},
}

// usualSteps are timed of a network that is not in the list.
const usualSteps = 5

// chooseWorkloads reads names such as "resnet20:32", or "resnet20" for the one in the list that is measured by default;
// no name stands for all that are. Steps, unless it is 0, takes the place of those in the list.
func chooseWorkloads(names []string, loss string, steps int) ([]workload, error) {
	var chosen []workload
	for _, n := range workloads {
		if len(names) == 0 && n.byDefault {
			chosen = append(chosen, n)
		}
	}
	for _, name := range names {
		n, err := workloadByName(name, loss)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, n)
	}
	for i := range chosen {
		chosen[i].Loss = loss
		chosen[i].steps = cmp.Or(steps, chosen[i].steps)
	}
	return chosen, nil
}

func workloadByName(name, loss string) (workload, error) {
	for _, n := range workloads {
		if n.String() == name || (n.Model == name && n.byDefault) {
			return n, nil
		}
	}
	cases, err := bench.ParseCases([]string{name}, []string{loss})
	if err != nil {
		return workload{}, err
	}
	return workload{Case: cases[0], title: cases[0].Model, steps: usualSteps}, nil
}

// titled names a case for people: "ResNet-20, batch 32".
func titled(c bench.Case) string {
	title := c.Model
	if i := slices.IndexFunc(workloads, func(n workload) bool { return n.Model == c.Model }); i >= 0 {
		title = workloads[i].title
	}
	return fmt.Sprintf("%s, batch %d", title, c.Batch)
}

// workloadNames lists those of the list for a help text.
func workloadNames() string {
	var names []string
	for _, n := range workloads {
		names = append(names, n.String())
	}
	return strings.Join(names, ", ")
}
