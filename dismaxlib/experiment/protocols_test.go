package experiment_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// One training says what both protocols say: that of the paper trains on all images of the limit, and so does one that
// holds out images beyond it.
func TestOneTrainingAnswersForBothProtocols(t *testing.T) {
	spec := smallSpec("dismax", record.HeldOut)
	spec.HeldOutBeyondLimit = true
	both, err := runIn(t, t.TempDir(), spec)
	if err != nil {
		t.Fatal(err)
	}
	_, paper := smallRun(t, "dismax", record.Paper)
	if both.Model.WeightsSHA256 != paper.Model.WeightsSHA256 || both.Data.Train != paper.Data.Train {
		t.Errorf("weights %s of %d images, want %s of %d, as under the paper's protocol", both.Model.WeightsSHA256,
			both.Data.Train.Images, paper.Model.WeightsSHA256, paper.Data.Train.Images)
	}
	if both.Data.Validation.Images != 80 {
		t.Errorf("got %d held-out images, want 80, half as many as are trained on", both.Data.Validation.Images)
	}
	fit := both.Test.AfterPaper
	if fit == nil || fit.Temperature != paper.Test.Temperature || fit.ECE != paper.Test.After.ECE {
		t.Errorf("fitted on the test set: got %+v, want temperature %g and ECE %g", fit, paper.Test.Temperature, paper.Test.After.ECE)
	}
	if paper.Test.AfterPaper != nil {
		t.Errorf("the paper's protocol says twice what it fits: %+v", paper.Test.AfterPaper)
	}
}

func TestHeldOutClassesAreAnOutOfDistributionSet(t *testing.T) {
	spec := smallSpec("softmax", record.HeldOut)
	spec.HoldOutClasses = []string{"1", "4", "6", "9"}
	folder := t.TempDir()
	r, err := runIn(t, folder, spec)
	if err != nil {
		t.Fatal(err)
	}
	if r.Model.Classes != 6 || slices.Contains(r.Model.ClassNames, "1") {
		t.Errorf("classes: got %v, want the six that stay", r.Model.ClassNames)
	}
	var names []string
	for _, set := range r.OutOfDistribution {
		names = append(names, set.Set.Name)
	}
	if want := []string{"synthetic-near", "synthetic-far", "held-out-classes"}; !slices.Equal(names, want) {
		t.Errorf("out-of-distribution sets: got %v, want %v", names, want)
	}
	if again, err := runIn(t, folder, spec); err != nil || !again.Created.Equal(r.Created) {
		t.Errorf("the same spec again: %v, want the finished run", err)
	}
}

// The floor asks no network: networks that differ in all else have the same.
func TestTheFloorIsOfTheImagesAlone(t *testing.T) {
	_, softmax := smallRun(t, "softmax", record.HeldOut)
	_, dismax := smallRun(t, "dismax", record.HeldOut)
	for i, out := range softmax.OutOfDistribution {
		got, other := out.Floor, dismax.OutOfDistribution[i].Floor
		if got == nil || !reflect.DeepEqual(got, other) || !strings.Contains(got.Title, "no network") {
			t.Fatalf("%s: floors %+v and %+v, want the same, and that its title says that it asks no network", out.Set.Name, got, other)
		}
		if got.AUROC <= 0 || got.AUROC >= 1 || len(got.ROC) == 0 {
			t.Errorf("%s: AUROC %g and %d points of a curve", out.Set.Name, got.AUROC, len(got.ROC))
		}
		for _, score := range out.Scores {
			if score.Score == got.Score {
				t.Errorf("%s: the floor %s is among the scores of networks", out.Set.Name, score.Score)
			}
		}
	}
}
