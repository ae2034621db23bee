package training

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// identity is what must be equal for a run to go on from a checkpoint: of other epochs, no batch would be the same.
func (c *Config) identity() map[string]string {
	all := map[string]string{"steps per epoch": strconv.Itoa(c.Data.StepsPerEpoch())}
	maps.Copy(all, c.Identity)
	return all
}

// shownDifferences is how many differences an error names: two runs that have nothing in common differ in all.
const shownDifferences = 3

// difference names the entries in which the identity of a checkpoint differs from that of the run, the first ones if
// there are many, or returns "".
func difference(saved, wanted map[string]string) string {
	union := maps.Clone(wanted)
	maps.Copy(union, saved)
	var differing []string
	for _, name := range slices.Sorted(maps.Keys(union)) {
		if saved[name] != wanted[name] {
			differing = append(differing, fmt.Sprintf("%s is %q there and %q here", name, saved[name], wanted[name]))
		}
	}
	if more := len(differing) - shownDifferences; more > 1 {
		differing = append(differing[:shownDifferences], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(differing, "; ")
}
