package show

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestEveryBackendThatIsHereGivesTheLogitsOfTheRun(t *testing.T) {
	folder := t.TempDir()
	spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
	spec.TrainLimit, spec.TestLimit, spec.BatchSize = 160, 40, 16
	r, err := experiment.Run(t.Context(), spec, experiment.Options{
		Backend: testkit.Backend(t), Choice: backend.Choice{Config: "goconv"}, Offline: true, Folder: folder,
	})
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := writeBackends(t.Context(), &printed, folder); err != nil {
		t.Fatal(err)
	}
	t.Log(printed.String())
	if want := fmt.Sprintf("%d test images", r.Data.Test.Images); !strings.HasPrefix(printed.String(), want) {
		t.Errorf("printed:\n%s\nwant it to begin with %q", printed.String(), want)
	}
	for _, finding := range backend.Found() {
		if !finding.Usable {
			continue
		}
		row := regexp.MustCompile(`(?m)^` + finding.Config + `  +(\S+)  +\S+ s  +\S+ s$`).FindStringSubmatch(printed.String())
		if row == nil {
			t.Errorf("printed:\n%s\nwant a row of %s", printed.String(), finding.Config)
			continue
		}
		if difference, err := strconv.ParseFloat(row[1], 64); err != nil || difference > 1e-4 {
			t.Errorf("logits on %s differ by %s; want 1e-4 at most", finding.Config, row[1])
		}
	}
}

func TestARunThatIsNotThereHasNoTableOfBackends(t *testing.T) {
	if err := writeBackends(t.Context(), &strings.Builder{}, t.TempDir()); err == nil {
		t.Error("no error; want one that says that there is no record")
	}
}
