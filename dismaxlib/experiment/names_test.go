package experiment_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestSetsWhoseFilesWouldShareANameKeepTheirOwnLogits(t *testing.T) {
	given := experiment.Given{Test: linear(30, 0), Convention: metrics.FieldConvention}
	for i, name := range []string{"x/y", "x-y", "X-Y", "test-labels"} {
		out := linear(12+i, 1)
		out.Name, out.Labels = name, nil
		given.OutOfDistribution = append(given.OutOfDistribution, out)
	}
	folder := t.TempDir()
	options := experiment.Options{Backend: testkit.Backend(t), Folder: folder}
	if _, err := experiment.Evaluate(t.Context(), given, options); err != nil {
		t.Fatal(err)
	}
	if bad := wrong(t, folder); len(bad) != 0 {
		t.Errorf("wrong: %v", bad)
	}
	for i, set := range given.OutOfDistribution {
		if logits, _, err := experiment.LoadLogits(folder, set.Name); err != nil || logits.Rows() != 12+i {
			t.Errorf("%s: logits of %d inputs (%v), want %d", set.Name, logits.Rows(), err, 12+i)
		}
	}
	if _, labels, err := experiment.LoadLogits(folder, "test"); err != nil || !slices.Equal(labels, given.Test.Labels) {
		t.Errorf("the labels of the test set are %v (%v)", labels, err)
	}
}

func TestSetsOfTheUsersOwnWhoseNamesMeanSomethingElseAreRefused(t *testing.T) {
	for _, names := range [][]string{{"test"}, {"validation"}, {""}, {"mine", "mine"}} {
		var sets []*datasets.Dataset
		for _, name := range names {
			sets = append(sets, &datasets.Dataset{Name: name})
		}
		_, err := runIn(t, t.TempDir(), smallSpec("dismax", record.HeldOut), func(o *experiment.Options) {
			o.OutOfDistribution = sets
		})
		if err == nil || !strings.Contains(err.Error(), "want names that differ") {
			t.Errorf("sets named %q: error %v, want a refusal", names, err)
		}
	}
}
