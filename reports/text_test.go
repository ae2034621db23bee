package reports

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestTextFitsATerminal(t *testing.T) {
	withIntervals := changed("dismax", 2, func(r *record.Record) {
		r.Test.Intervals = &record.TestIntervals{}
		r.OutOfDistribution[0].Scores[0].Intervals = &record.DetectionIntervals{}
	})
	for name, records := range map[string][]*record.Record{
		"one run":         {fixture.New("softmax", 1)},
		"two seeds":       {fixture.New("softmax", 1), fixture.New("softmax", 2), fixture.New("dismax", 1)},
		"two models":      {fixture.New("softmax", 1), changed("softmax", 1, resNet20)},
		"intervals":       {withIntervals},
		"other data sets": {fixture.New("softmax", 1), changed("softmax", 1, trainedOn("flowers", "Flowers"))},
	} {
		text := Table(records...).Text(true) + TextOfCautions(Cautions(records...))
		for line := range strings.Lines(text) {
			if length := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); length > 80 {
				t.Errorf("%s: a line of %d characters: %q", name, length, line)
			}
		}
		for _, says := range []string{"CIFAR-10", "SoftMax", "Temperature", "AUROC", "against TinyImageNet"} {
			if name == "intervals" && says == "SoftMax" {
				says = "AUROC %, MMLES against TinyImageNet"
			}
			if !strings.Contains(text, says) {
				t.Errorf("%s: the text does not say %q:\n%s", name, says, text)
			}
		}
		if strings.ContainsAny(text, "|*#") {
			t.Errorf("%s: the text has marks of Markdown:\n%s", name, text)
		}
	}
}

// Intervals over the images say nothing of seeds.
func TestIntervalsSayThatTheyAreOfOneNetwork(t *testing.T) {
	measured := func(loss string) *record.Record {
		return changed(loss, 1, func(r *record.Record) { r.Test.Intervals = &record.TestIntervals{} })
	}
	for title, records := range map[string][]*record.Record{
		"Intervals of this network": {measured("dismax"), fixture.New("softmax", 1)},
		"Intervals of each network": {measured("dismax"), measured("softmax")},
	} {
		check.Holds(t, Table(records...).Text(true), "\n"+title+", ResNet-34\n", "They say nothing of other\ntrainings.")
	}
}

func TestTextHoldsEveryNumberOfTheTable(t *testing.T) {
	table := Table(fixture.New("softmax", 1), fixture.New("softmax", 2), fixture.New("dismax", 1))
	text := table.Text(true)
	for _, s := range table.sections {
		for _, g := range s.grids() {
			for _, row := range g.rows {
				for i, cell := range row.cells {
					if !g.columns[i].optional && !strings.Contains(text, cell.plain()) {
						t.Errorf("%s: %q is not in the text", g.title, cell.plain())
					}
				}
			}
		}
	}
}

// given is a record of outputs that were given, of a model that its user calls "mine".
func given() *record.Record {
	return changed("softmax", 1, func(r *record.Record) {
		*r = record.Record{OutputsOnly: true, Test: r.Test, OutOfDistribution: r.OutOfDistribution, Data: r.Data,
			Versions: r.Versions, Backend: r.Backend,
			Spec: record.Spec{Dataset: "cifar10", Model: "mine", Loss: "unknown", CalibrationBins: 15, CalibrationCriterion: "ece"},
			Loss: record.Loss{Name: "unknown", Title: "unknown loss", Scores: []string{"MPS"}}}
	})
}

func TestOutputsOnlyRecordsSaySo(t *testing.T) {
	r := given()
	cautions := strings.Join(Cautions(r), "\n")
	if !strings.Contains(cautions, "No training of mine was seen") || strings.Contains(cautions, "0 epochs") {
		t.Errorf("the cautions are:\n%s", cautions)
	}
	if text := Table(r).Text(false); !strings.Contains(text, "1 network a row; trained for an unknown time") {
		t.Errorf("the notes tell of a training:\n%s", text)
	}
	if _, err := Write(t.TempDir(), []*record.Record{r, fixture.New("softmax", 1)}); err != nil {
		t.Errorf("a report of outputs beside a run: %v", err)
	}
}
