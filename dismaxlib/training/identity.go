package training

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference names the entries in which the identity of a checkpoint differs from that of the run, or returns "".
func difference(saved, wanted map[string]string) string {
	union := maps.Clone(saved)
	if union == nil {
		union = map[string]string{}
	}
	maps.Copy(union, wanted)
	var differing []string
	for _, name := range slices.Sorted(maps.Keys(union)) {
		if saved[name] != wanted[name] {
			differing = append(differing, fmt.Sprintf("%s is %q there and %q here", name, saved[name], wanted[name]))
		}
	}
	return strings.Join(differing, "; ")
}
