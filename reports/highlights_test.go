package reports

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestHighlightsShowTheSameLossWhateverTheNumbers(t *testing.T) {
	for _, accuracy := range []float64{0.8, 0.95} {
		records := append(seeds("softmax", 0.9), seeds("dismax", accuracy)...)
		got := sections(records)[0].highlights()[0]
		want := highlight{Title: "Accuracy", Value: formatNumber(accuracy*100, 1) + "%", Holder: "DisMax",
			Beside: []beside{{"SoftMax: 90.0%", "fewer than 3 shared seeds: the difference may be chance"}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestHighlightsGiveTheDifferencePairedBySeed(t *testing.T) {
	records := append(seeds("softmax", 0.90, 0.91, 0.92), seeds("dismax", 0.94, 0.96, 0.98)...)
	// Differences of 4, 5 and 6 points: 5 plus or minus 4.303 / sqrt(3).
	if got, want := sections(records)[0].highlights()[0].Beside[0].Difference,
		"difference +5.0 points (95%: +2.5 to +7.5, 3 pairs)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHighlightsSayWhyThereIsNoDifference(t *testing.T) {
	for want, softmax := range map[string][]float64{
		"no difference: a value is not finite":                                {0.90, math.NaN(), 0.92},
		"the same difference with every seed: how far others vary is unknown": {0.93, 0.95, 0.97},
	} {
		records := append(seeds("softmax", softmax...), seeds("dismax", 0.94, 0.96, 0.98)...)
		if got := sections(records)[0].highlights()[0].Beside[0].Difference; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestHighlightsNameSetsAndScores(t *testing.T) {
	softmax, dismax := fixture.New("softmax", 1), fixture.New("dismax", 1)
	energy := fixture.Detection("Energy", 1)
	softmax.Loss.Scores = append(softmax.Loss.Scores, energy.Score)
	softmax.OutOfDistribution[1].Scores = append(softmax.OutOfDistribution[1].Scores, energy)
	dismax.OutOfDistribution[1].Scores[0].AUROC = 0.999
	all := sections([]*record.Record{softmax, dismax})[0].highlights()
	last := all[len(all)-1]
	if last.Title != "AUROC against SVHN" || last.Value != "99.9%" || last.Holder != "DisMax, MMLES" {
		t.Errorf("got %+v, want the AUROC of DisMax with MMLES against SVHN", last)
	}
	var beside []string
	for _, b := range last.Beside {
		beside = append(beside, b.Baseline)
	}
	check.Holds(t, strings.Join(beside, "; "), "SoftMax, MPS: ", "SoftMax, Energy: ")
}

func TestHighlightsLeaveOutWhatIsNotFinite(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) { r.Test.Accuracy = math.NaN() })
	for _, h := range sections([]*record.Record{r})[0].highlights() {
		if h.Title == "Accuracy" {
			t.Errorf("got %+v, want none", h)
		}
	}
}

func TestHighlightsOfOneLossHaveNothingBeside(t *testing.T) {
	for _, h := range sections([]*record.Record{fixture.New("softmax", 1)})[0].highlights() {
		if h.Holder == "" || len(h.Beside) > 0 {
			t.Errorf("got %+v, want SoftMax alone", h)
		}
	}
}

func TestHighlightsAreLeftOutWhereSeveralRowsCouldBeMeant(t *testing.T) {
	short := changed("dismax", 1, func(r *record.Record) { r.Spec.Epochs = 3 })
	shortSoftMax := changed("softmax", 1, func(r *record.Record) { r.Spec.Epochs = 3 })
	for name, records := range map[string][]*record.Record{
		"two variants":             {fixture.New("dismax", 1), short},
		"two models":               {fixture.New("dismax", 1), changed("dismax", 1, resNet20)},
		"two variants of the rest": {fixture.New("softmax", 1), shortSoftMax, fixture.New("dismax", 1)},
	} {
		if got := sections(records)[0].highlights(); len(got) > 0 {
			t.Errorf("%s: got %+v, want none", name, got)
		}
	}
}

func TestHighlightsShowNoneOfSeveralControls(t *testing.T) {
	records := []*record.Record{fixture.New("softmax", 1), fixture.New("dismax", 1), ofLoss("half"), ofLoss("alpha-0")}
	if got := sections(records)[0].highlights(); len(got) == 0 || got[0].Holder != "DisMax" {
		t.Errorf("got %+v, want DisMax", got)
	}
	if got := sections(records[:3])[0].highlights(); len(got) == 0 || got[0].Holder != "half" {
		t.Errorf("got %+v, want the only loss that is not the paper's", got)
	}
}

// ofLoss is a run like the others with a loss that is not the paper's.
func ofLoss(loss string) *record.Record {
	return changed(loss, 1, func(r *record.Record) { r.Loss.Title = loss })
}
