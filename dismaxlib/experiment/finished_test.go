package experiment

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// finishedIn writes the record of a finished run and nothing else.
func finishedIn(t *testing.T, spec record.Spec) string {
	t.Helper()
	folder := t.TempDir()
	if err := record.Write(folder, &record.Record{Spec: spec}); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestARunOfTheSamePathsIsFinishedUnderTheNamesOfItsSets(t *testing.T) {
	spec := Defaults("synthetic", "resnet8", "dismax", 3)
	spec.OutOfDistribution = []string{"pics", "svhn", "pics-2", "test-2"}
	folder := finishedIn(t, spec)
	spec.OutOfDistribution = []string{filepath.Join("a", "pics"), "svhn", filepath.Join("b", "pics.zip"), "test.tar.gz"}
	if former, err := finished(folder, spec, Options{}); err != nil || former == nil {
		t.Errorf("the same paths: error %v, want the finished run", err)
	}
	spec.OutOfDistribution = []string{filepath.Join("a", "other")}
	if _, err := finished(folder, spec, Options{}); err == nil || !strings.Contains(err.Error(), "evaluated otherwise") {
		t.Errorf("another path: error %v, want a refusal", err)
	}
}

func TestAFinishedRunOfAnotherSpecIsRefusedWithWhatDiffers(t *testing.T) {
	spec := Defaults("synthetic", "resnet8", "dismax", 3)
	folder := finishedIn(t, spec)
	for says, change := range map[string]func(*record.Spec){
		`another spec, momentum is "0.9" there and "0.5" here: choose`:        func(s *record.Spec) { s.Momentum = 0.5 },
		`otherwise, convention is "paper" there and "field" here`:             func(s *record.Spec) { s.Convention = "field" },
		`learning rate changes is "" there and "0.01 from step 7" here`:       func(s *record.Spec) { s.LearningRateChanges = record.RateChanges{{Step: 7, Rate: 0.01}} },
		`otherwise, test limit is "0" there and "50" here: evaluate it again`: func(s *record.Spec) { s.TestLimit = 50 },
	} {
		other := spec
		change(&other)
		if _, err := finished(folder, other, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want a refusal that says %s", err, says)
		}
	}
}

func TestAListOfNothingIsTheListThatIsNotGiven(t *testing.T) {
	spec := Defaults("synthetic", "resnet8", "dismax", 1)
	empty := spec
	empty.LearningRateDrops, empty.HoldOutClasses, empty.OutOfDistribution = []int{}, []string{}, []string{}
	if got := canonical(empty); !maps.Equal(trainingOf(got), trainingOf(spec)) || got.OutOfDistribution != nil {
		t.Errorf("the spec of empty lists is %+v, want %+v", got, spec)
	}
	if _, err := finished(finishedIn(t, empty), canonical(empty), Options{}); err != nil {
		t.Errorf("a record of empty lists: %v", err)
	}
}
