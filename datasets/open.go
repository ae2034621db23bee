package datasets

import (
	"fmt"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/registry"
)

// Info describes a set that can be opened by name.
type Info struct {
	Name    string
	Title   string // as in a table
	Size    string // "60,000 images of 32x32 pixels in 10 classes"
	Licence string
	Source  string // where it comes from
}

// set is a known set and how it is opened.
type set struct {
	Info
	prefixes      []string // what the names of its files begin with, as [plain] writes them
	format        fileFormat
	normalization Normalization
	open          func(known *set, options Options) (*Dataset, error)
}

var sets = registry.New[*set]("data set")

// Names lists the sets that [Open] knows.
func Names() []string { return sets.Names() }

// Open reads a set by its name. Images of a real set must be where [Options.Data] says; the synthetic sets are made.
// The path of an existing folder or archive of images serves as a name too; see [OpenImages].
func Open(name string, options Options) (*Dataset, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	known, err := sets.ByName(name)
	if err != nil {
		if _, missing := os.Stat(name); missing == nil {
			return OpenImages(name, options)
		}
		return nil, fmt.Errorf("%w, or the path of a folder or zip of images", err)
	}
	opened, err := known.open(known, options)
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	opened.Name, opened.Normalization = known.Name, known.normalization
	return opened, nil
}

// openNamed opens a set of image files of one prescribed size.
func openNamed(known *set, options Options) (*Dataset, error) {
	path, err := known.locate(options.Data)
	if err != nil {
		return nil, err
	}
	return openFiles(path, known.format, options)
}

// expected says what a data folder must hold for this set.
func (known *set) expected() string {
	return fmt.Sprintf("a folder or zip of images whose name begins with %q", known.Name)
}
