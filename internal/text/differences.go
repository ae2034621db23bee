package text

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shownDifferences is how many differences an error names: two runs that have nothing in common differ in all.
const shownDifferences = 3

// Differences names the entries in which two descriptions differ, "seed is "1" there and "2" here", the first ones if
// there are many, or returns "".
func Differences(there, here map[string]string) string {
	union := maps.Clone(here)
	maps.Copy(union, there)
	var differing []string
	for _, name := range slices.Sorted(maps.Keys(union)) {
		if there[name] != here[name] {
			differing = append(differing, fmt.Sprintf("%s is %q there and %q here", name, there[name], here[name]))
		}
	}
	if more := len(differing) - shownDifferences; more > 1 {
		differing = append(differing[:shownDifferences], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(differing, "; ")
}
