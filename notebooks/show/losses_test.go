package show

import (
	"reflect"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// runOf is a run of a loss with the AUROC of MPS on a set, and the floor there.
func runOf(loss, set string, auroc, floor float64, heldOut ...string) FinishedRun {
	return FinishedRun{Record: &record.Record{
		Spec:  record.Spec{Dataset: "cifar10", Loss: loss, HoldOutClasses: heldOut},
		Loss:  record.Loss{Title: "title of " + loss},
		Model: record.Model{Classes: 10 - len(heldOut)},
		OutOfDistribution: []record.OutOfDistribution{{
			Set:    record.Set{Name: set, Title: "title of " + set},
			Scores: []record.Detection{{Score: "MPS", AUROC: auroc}},
			Floor:  &record.Detection{AUROC: floor},
		}},
	}}
}

func TestEachLossHasARowWithMeanAndDeviationOverItsSeeds(t *testing.T) {
	runs := []FinishedRun{runOf("b", "svhn", 0.64, 0.5), runOf("a", "svhn", 0.7, 0.5), runOf("b", "svhn", 0.66, 0.5)}
	got := lossRows(runs, 2, func(run FinishedRun, column int) float64 {
		return run.OutOfDistribution[0].Scores[0].AUROC + float64(column)
	})
	want := [][]string{
		{"title of b", "2", "0.650 ± 0.014", "1.650 ± 0.014"},
		{"title of a", "1", "0.700", "1.700"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRunsWithoutTheScoreOrTheFloorAreLeftOut(t *testing.T) {
	bare := runOf("a", "svhn", 0, 0)
	bare.OutOfDistribution[0].Scores, bare.OutOfDistribution[0].Floor = nil, nil
	runs := []FinishedRun{runOf("a", "svhn", 0.7, 0.6), bare, runOf("a", "lsun", 0.8, 0.9)}
	if got, want := AUROCs(runs, "svhn", "MPS"), []float64{0.7}; !reflect.DeepEqual(got, want) {
		t.Errorf("AUROCs: got %v, want %v", got, want)
	}
	if got, want := Floors(runs, "svhn"), []float64{0.6}; !reflect.DeepEqual(got, want) {
		t.Errorf("floors: got %v, want %v", got, want)
	}
}

func TestASetIsAnotherQuestionToANetworkThatLearntFewerClasses(t *testing.T) {
	questions := Questions([]FinishedRun{
		runOf("a", "tinyimagenet", 0.7, 0.6), runOf("b", "tinyimagenet", 0.6, 0.6), runOf("a", "svhn", 0.8, 0.6),
		runOf("a", "tinyimagenet", 0.5, 0.6, "cat", "dog"), runOf("a", record.HeldOutClassesSet, 0.5, 0.6, "cat", "dog"),
	})
	var got []string
	for _, q := range questions {
		got = append(got, q.Title)
	}
	want := []string{"title of tinyimagenet, near", "title of svhn, far", "title of tinyimagenet, near, 8 classes learnt",
		"title of " + record.HeldOutClassesSet + ", near"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(questions[0].Runs); n != 2 {
		t.Errorf("the first question has %d runs, want 2", n)
	}
	if of := questions[0].Of("b"); len(of) != 1 || of[0].Spec.Loss != "b" || len(questions[0].Runs) != 2 {
		t.Errorf("got %d runs of the loss, want 1", len(of))
	}
}
