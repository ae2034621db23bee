// Package floors keeps the direction of the imports: every package stands on a floor and imports from those below it
// alone. It also sees to it that what others import has an example.
package floors

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/dismax-go/dismax"

// floors are the packages from the ground up, as beginnings of their paths inside the module. A package belongs to the
// longest beginning that fits.
var floors = [][]string{
	{"internal"},
	{"datasets", "models"},
	{"dismaxlib"},
	{"reports"},
	{"dismaxlib/cli", "dismaxlib/cmd", "dismaxlib/examples", "internal/bench", "notebooks"},
	{"tests"},
}

// floorOf returns the floor of a package, or -1 for one that is not ours.
func floorOf(path string) int {
	inside, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return -1
	}
	floor, length := -1, -1
	for i, beginnings := range floors {
		for _, beginning := range beginnings {
			if (inside == beginning || strings.HasPrefix(inside, beginning+"/")) && len(beginning) > length {
				floor, length = i, len(beginning)
			}
		}
	}
	return floor
}

// imports returns what each package of the module imports, tests apart.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...")
	output, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %v", list.Args, err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		all[fields[0]] = fields[1:]
	}
	return all
}

func TestPackagesImportFromTheirOwnFloorAndThoseBelow(t *testing.T) {
	all := imports(t)
	if len(all) < 30 {
		t.Fatalf("go list names %d packages, want all of the module", len(all))
	}
	for path, imported := range all {
		floor := floorOf(path)
		if floor < 0 {
			t.Errorf("%s stands on no floor: give it one here", path)
		}
		for _, other := range imported {
			if above := floorOf(other); above > floor {
				t.Errorf("%s imports %s, which stands above it", path, other)
			}
		}
	}
}

// What the ground and the library's centre import is told exactly.
func TestTheGroundAndTheLibraryImportNothingElseOfOurs(t *testing.T) {
	for path, imported := range imports(t) {
		isGround := strings.HasPrefix(path, module+"/internal/") && floorOf(path) == 0
		for _, other := range imported {
			if !strings.HasPrefix(other, module) {
				continue
			}
			switch {
			case isGround && !strings.HasPrefix(other, module+"/internal/"):
				t.Errorf("%s imports %s: packages of internal import nothing of ours but each other", path, other)
			case other == module+"/dismaxlib/pretrained" && !strings.HasPrefix(path, module+"/dismaxlib/cli") && floorOf(path) < len(floors)-1:
				t.Errorf("%s imports %s, with a detector of a megabyte: the command alone does", path, other)
			case path == module+"/dismaxlib" && !strings.HasPrefix(other, module+"/internal/"):
				t.Errorf("dismaxlib imports %s: it imports nothing of ours but internal", other)
			case strings.HasPrefix(path, module+"/dismaxlib/examples/") && strings.Contains(other, "/internal/"):
				t.Errorf("%s imports %s: an example shows what users can import", path, other)
			case strings.HasPrefix(path, module+"/datasets") && strings.HasPrefix(other, module+"/models"),
				strings.HasPrefix(path, module+"/models") && strings.HasPrefix(other, module+"/datasets"):
				t.Errorf("%s imports %s: data sets and models do not know each other", path, other)
			case strings.HasPrefix(path, module+"/reports/plot") && strings.HasPrefix(other, module+"/dismaxlib/record"):
				t.Errorf("%s imports %s: plots have never seen a record", path, other)
			}
		}
	}
}
