package reports

import (
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Distance says how much the images of an out-of-distribution set resemble those of the data set.
type Distance string

// The groups into which OpenOOD sorts sets; "" stands for a set that is in neither.
const (
	Near Distance = "near" // alike in kind, such as other classes of everyday photographs
	Far  Distance = "far"  // of another kind altogether
)

// title begins a column or a sentence.
func (d Distance) title() string { return strings.ToUpper(string(d[:1])) + string(d[1:]) }

// distances are all groups, in the order of columns.
var distances = []Distance{Near, Far}

// openOOD has the groups of OpenOOD v1.5 (arXiv 2306.09301) for the sets that can be here.
var openOOD = map[string]map[string]Distance{
	"cifar10":  {"cifar100": Near, "tinyimagenet": Near, "svhn": Far},
	"cifar100": {"cifar10": Near, "tinyimagenet": Near, "svhn": Far},
}

// DistanceOf returns the group of an out-of-distribution set of a data set, both by the names in a record, as OpenOOD has
// it. Classes that were held out of the data set itself are near, and the synthetic sets are what they are called. Other
// sets, such as LSUN (resize) or images of the user, are in no group.
func DistanceOf(dataset, set string) Distance {
	switch set {
	case record.HeldOutClassesSet, "synthetic-near":
		return Near
	case "synthetic-far":
		return Far
	}
	return openOOD[dataset][set]
}
