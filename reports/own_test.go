package reports

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// own is the record of a loss, a model, a score and sets of images that only the user has. MPS stands before the score
// that goes with the loss.
func own(seed int64) *record.Record {
	return changed("my-loss", seed, func(r *record.Record) {
		r.Spec.Dataset, r.Spec.Model, r.Spec.OutOfDistribution = "photos", "tiny", []string{"paintings"}
		r.Data.Test = record.Set{Name: "photos", Title: "Holiday photos", Images: 10000}
		r.Model.Name, r.Model.Title = "tiny", "Tiny network"
		r.Loss = record.Loss{Name: "my-loss", Title: "My loss", Scores: []string{"MINE"},
			Parameters: map[string]float64{"beta": 0.25}}
		mps, mine := fixture.Detection("MPS", 1), fixture.Detection("MINE", 3)
		mps.Title, mine.Title, mine.Parameters = "maximum probability score", "my own score", map[string]float64{"k": 50}
		r.OutOfDistribution = []record.OutOfDistribution{{
			Set:    record.Set{Name: "paintings", Title: "Oil paintings", Images: 10000},
			Scores: []record.Detection{mps, mine},
		}}
	})
}

func TestTablesShowTheTitlesAndTheScoreOfTheRecord(t *testing.T) {
	results := Table(own(1))
	for form, text := range map[string]string{
		"Markdown": results.Markdown(), "HTML": results.HTML(), "LaTeX": results.LaTeX(),
	} {
		t.Run(form, func(t *testing.T) {
			check.Holds(t, text, "Holiday photos", "My loss", "Tiny network", "against Oil paintings",
				"MINE, my own score (k 50)")
			detection, others, _ := strings.Cut(text[strings.Index(text, "AUROC"):], "with other scores")
			if !strings.Contains(detection, "MINE") || !strings.Contains(others, "MPS") || strings.Contains(others, "MINE") {
				t.Errorf("want MINE in the table of detection and MPS among the other scores:\n%s", text)
			}
			for _, name := range []string{"my-loss", "tiny<", "tiny |"} {
				if strings.Contains(text, name) {
					t.Errorf("a name is shown where there is a title: %q", name)
				}
			}
		})
	}
}

func TestCSVShowsTheTitlesAndTheScoreOfTheRecord(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(Table(own(1)).CSV())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"photos", "Holiday photos", "my-loss", "My loss", "tiny", "Tiny network", "", "1",
		"paintings", "Oil paintings", "MINE", "my own score", "yes", "auroc"}
	found := slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row[:len(want)], want) })
	if !found {
		t.Errorf("got rows\n%q\nwant one that begins with\n%q", rows, want)
	}
}

func TestPlotsShowTheTitlesAndTheScoreOfTheRecord(t *testing.T) {
	r := own(1)
	histogram, err := ScoreHistogram(r, "paintings", "")
	check.Holds(t, check.SVG(t, histogram, err), ">My loss: MINE on Holiday photos and Oil paintings<")
	roc, err := ROC("paintings", "", r, own(2))
	check.Holds(t, check.SVG(t, roc, err), ">ROC: Holiday photos against Oil paintings<", ">My loss, MINE: ")
	reliability, err := Reliability(r, BeforeCalibration)
	check.Holds(t, check.SVG(t, reliability, err), ">My loss before calibration")
	training, err := TrainingCurves(r)
	check.Holds(t, check.SVG(t, training, err), ">My loss<", ">Holiday photos, Tiny network: ")
}

func TestReportShowsTheTitlesOfTheRecord(t *testing.T) {
	content, err := newReport([]*record.Record{own(1)}).html()
	if err != nil {
		t.Fatal(err)
	}
	check.Holds(t, string(content), "Results on Holiday photos", "1 run of My loss", "<td>Oil paintings</td>",
		"AUROC against Oil paintings", "My loss, MINE", "<td>loss parameters</td><td>beta 0.25</td>")
}

func TestRunsWithDifferentParametersOfTheLossAreDifferentRows(t *testing.T) {
	other := own(2)
	other.Loss.Parameters = map[string]float64{"beta": 0.5}
	markdown := Table(own(1), other).Markdown()
	check.Holds(t, markdown, "| My loss (loss parameters beta 0.25) |", "| My loss (loss parameters beta 0.5) |")
}

func TestTitlesThatNamesShareHaveTheNamesBesideThem(t *testing.T) {
	other := changed("another-loss", 1, func(r *record.Record) {
		*r = *own(1)
		r.Spec.Loss = "another-loss"
	})
	check.Holds(t, Table(own(1), other).Markdown(), `| My loss \[my-loss\] |`, `| My loss \[another-loss\] |`)
	elsewhere := own(1)
	elsewhere.Spec.Dataset = "more photos"
	check.Holds(t, Table(own(1), elsewhere).Markdown(), "### Holiday photos\n", `### Holiday photos \[more photos\]`)
}
