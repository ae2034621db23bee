package datasets

import (
	"context"
	"fmt"

	"github.com/dismax-go/dismax/internal/registry"
)

// Info describes a data set.
type Info struct {
	Name    string // by which it is opened, as on the command line
	Title   string // for a reader, as in a table
	Size    string // "60,000 images, 32x32, 10 classes"
	Licence string
	Source  string // where it comes from

	// OutOfDistribution names the sets that a model of this set is tested against unless the user names others: the
	// paper's, for the sets of the paper.
	OutOfDistribution []string
}

// Set is a data set that can be opened by its name, and is made known by [Register].
type Set struct {
	Info

	// Open reads or makes the images. It may leave the options aside, since the function [Open] applies them to what it
	// returns: limits, held-out images, size. Or it may heed them to read less. It fills in Train or Test or both, with
	// labels for training, and may leave out all else: classes are then named by their numbers, and Mean and Std
	// measured.
	Open func(ctx context.Context, options Options) (*Dataset, error)

	// Locate returns the file or folder that Open reads, or would download to ("" if it does neither), and reports
	// whether Open needs no download. It may be nil in a set that needs no files.
	Locate func(options Options) (path string, present bool)

	// Fetch makes sure that the files of the set are here, without reading images, and returns the file or folder that
	// Open reads. It may be nil in a set that downloads nothing.
	Fetch func(ctx context.Context, options Options) (path string, err error)
}

var sets = registry.New[*Set]("data set")

// Register makes a set known by its name: to [Open], [List] and [Names], and so to the command line. It is meant to be
// called from an init function, and panics if the set is nil, has no name or no Open, or if the name is taken.
func Register(set *Set) {
	if set == nil {
		panic("datasets: the set to register is nil")
	}
	if set.Open == nil {
		panic(fmt.Sprintf("datasets: the set %q cannot be registered without Open", set.Name))
	}
	sets.Register(set.Name, set)
}

// ByName finds a registered set; the error of an unknown name lists the known ones.
func ByName(name string) (*Set, error) { return sets.ByName(name) }

// Names lists the registered sets, those of this package first.
func Names() []string { return sets.Names() }
