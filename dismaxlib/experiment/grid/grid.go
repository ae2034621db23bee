package grid

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Grid is a named list of experiments, sizes and lengths apart.
type Grid struct {
	Name  string // of the file, without its suffix
	Title string // what the grid is about, for a list
	axes  []axes
	ours  bool // comes with this package
}

//go:embed grids/*.json
var builtIn embed.FS

// suffix of the files of grids.
const suffix = ".json"

// Names lists the grids that come with this package.
func Names() []string {
	files, err := fs.Glob(builtIn, "grids/*"+suffix)
	if err != nil {
		panic(fmt.Sprintf("grid: %v", err)) // of the pattern
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), suffix))
	}
	return names
}

// Open returns the grid of the name, which is one of [Names] or the path of a JSON file. The error of an unknown name
// lists the known ones and wraps [dismaxlib.ErrUnknown]. A file looks like this:
//
//	{
//	  "title": "two losses, three seeds",
//	  "runs": [{"dataset": "cifar10", "loss": ["softmax", "dismax"], "seed": [1, 2, 3]}]
//	}
//
// Fields are those of a spec in a results record. A field with a list of values varies over them, one of several
// fields over all combinations; a field that is a list itself varies over a list of lists. What is left out is the
// scale's. "most_seeds": 3 is no field of a spec: the first three of the scale's seeds are enough.
func Open(name string) (*Grid, error) {
	content, err := builtIn.ReadFile("grids/" + name + suffix)
	ours := err == nil
	if !ours {
		if !strings.HasSuffix(name, suffix) {
			return nil, fmt.Errorf("%w grid %q: choose one of %s, or the path of a file that ends with %s",
				dismaxlib.ErrUnknown, name, strings.Join(Names(), ", "), suffix)
		}
		if content, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("reading a grid: %w", err)
		}
	}
	var file struct {
		Title string `json:"title"`
		Runs  []axes `json:"runs"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("the grid %s: %w", name, err)
	}
	if len(file.Runs) == 0 {
		return nil, fmt.Errorf(`the grid %s has no "runs"`, name)
	}
	return &Grid{Name: strings.TrimSuffix(filepath.Base(name), suffix), Title: file.Title, axes: file.Runs, ours: ours}, nil
}

// Run is one experiment of a grid.
type Run struct {
	Index int    // in the grid, from 0
	Name  string // of its folder: the same spec has the same name in every grid
	Spec  record.Spec
}

// Runs lists the runs of the grid at the scale, ordered by their seeds: the first ones are a small grid of their own.
func (g *Grid) Runs(scale *Scale) ([]Run, error) {
	var runs []Run
	for _, axes := range g.axes {
		if g.ours && scale.synthetic {
			axes = axes.without("epochs", "train_limit", "validation_share")
		}
		specs, err := axes.specs(scale)
		if err != nil {
			return nil, fmt.Errorf("grid %s at scale %s: %w", g.Name, scale.Name, err)
		}
		for _, spec := range specs {
			if err := experiment.Check(spec); err != nil {
				return nil, fmt.Errorf("grid %s at scale %s, %s: %w", g.Name, scale.Name, experiment.Title(spec), err)
			}
			run := Run{Name: nameOf(spec), Spec: spec}
			if !slices.ContainsFunc(runs, func(other Run) bool { return other.Name == run.Name }) {
				runs = append(runs, run)
			}
		}
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.Spec.Seed, b.Spec.Seed) })
	for i := range runs {
		runs[i].Index = i
	}
	return runs, nil
}

// notInNames matches what the name of a folder should not have.
var notInNames = regexp.MustCompile(`[^a-zA-Z0-9.]+`)

// nameOf names a run after its spec, with a checksum of all of it.
func nameOf(spec record.Spec) string {
	content, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("grid: a spec that cannot be encoded: %v", err)) // NaN, which experiment.Check refuses
	}
	sum := sha256.Sum256(content)
	words := fmt.Sprintf("%s %s %s seed%d", filepath.Base(spec.Dataset), spec.Model, spec.Loss, spec.Seed)
	return notInNames.ReplaceAllString(words, "-") + "-" + hex.EncodeToString(sum[:4])
}
