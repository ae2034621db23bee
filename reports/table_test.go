package reports

import (
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// changed returns the fixture's record after a change.
func changed(loss string, seed int64, change func(*record.Record)) *record.Record {
	r := fixture.New(loss, seed)
	change(r)
	return r
}

// trainedOn makes the record one of another data set.
func trainedOn(name, title string) func(*record.Record) {
	return func(r *record.Record) { r.Spec.Dataset, r.Data.Test.Title = name, title }
}

// resNet20 makes the record one of another model.
func resNet20(r *record.Record) {
	r.Spec.Model, r.Model.Name, r.Model.Title = "resnet20", "resnet20", "ResNet-20"
}

// lineWith returns the first line that begins with the prefix.
func lineWith(t *testing.T, text, prefix string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no line begins with %q in:\n%s", prefix, text)
	return ""
}

func TestTableJoinsSeedsIntoMeanAndDeviation(t *testing.T) {
	first := changed("dismax", 1, func(r *record.Record) { r.Test.Accuracy = 0.90 })
	second := changed("dismax", 2, func(r *record.Record) { r.Test.Accuracy = 0.92 })
	line := lineWith(t, Table(first, second).Markdown(), "| DisMax |")
	// The sample standard deviation of 90 and 92 is sqrt(2).
	if want := "| DisMax | ResNet-34 | 2 | 91.0 ± 1.4 |"; !strings.HasPrefix(line, want) {
		t.Errorf("got %q, want it to begin with %q", line, want)
	}
}

func TestTableKeepsSpecsApartThatDifferInMoreThanTheSeed(t *testing.T) {
	short := changed("dismax", 2, func(r *record.Record) { r.Spec.Epochs, r.Spec.BatchSize = 3, 32 })
	markdown := Table(fixture.New("dismax", 1), short).Markdown()
	lineWith(t, markdown, "| DisMax (epochs 60, batch size 64) | ResNet-34 | 1 |")
	lineWith(t, markdown, "| DisMax (epochs 3, batch size 32) | ResNet-34 | 1 |")
}

func TestTrainingsOfDifferentLengthHaveAShortName(t *testing.T) {
	length := func(epochs, drop, images int) *record.Record {
		return changed("dismax", 1, func(r *record.Record) {
			r.Spec.Epochs, r.Spec.LearningRateDrops = epochs, []int{drop}
			r.Spec.TrainLimit, r.Data.Train.Images = images, images
		})
	}
	markdown := Table(length(15, 7, 1000), length(30, 15, 5000)).Markdown()
	lineWith(t, markdown, "| DisMax (15 epochs of 1,000 images) | ResNet-34 | 1 |")
	lineWith(t, markdown, "| DisMax (30 epochs of 5,000 images) | ResNet-34 | 1 |")
	markdown = Table(length(30, 15, 5000), length(30, 20, 5000), length(15, 7, 5000)).Markdown()
	lineWith(t, markdown, "| DisMax (epochs 30, learning rate drops 20) | ResNet-34 | 1 |")
}

// A split of classes is drawn like a seed: runs that hold out as many classes are one row.
func TestRunsOfDifferentSplitsAreOneRow(t *testing.T) {
	first := changed("dismax", 1, func(r *record.Record) { r.Spec.HoldOutClasses = []string{"cat", "dog"} })
	second := changed("dismax", 2, func(r *record.Record) { r.Spec.HoldOutClasses = []string{"ship", "dog"} })
	third := changed("dismax", 2, func(r *record.Record) { r.Spec.HoldOutClasses = []string{"ship"} })
	markdown := Table(first, second, third).Markdown()
	lineWith(t, markdown, "| DisMax (hold out classes 2 of a split) | ResNet-34 | 2 |")
	lineWith(t, markdown, "| DisMax (hold out classes 1 of a split) | ResNet-34 | 1 |")
}

func TestWhatWasNotChosenIsNotInTheNameOfARow(t *testing.T) {
	measured := changed("dismax", 1, func(r *record.Record) { r.Spec.DiagnosticImages = 50 })
	smoothed := changed("dismax", 1, func(r *record.Record) { r.Spec.LabelSmoothing = 0.1 })
	markdown := Table(fixture.New("dismax", 1), measured, smoothed).Markdown()
	lineWith(t, markdown, "| DisMax | ResNet-34 | 1 |")
	lineWith(t, markdown, "| DisMax (diagnostic images 50) | ResNet-34 | 1 |")
	lineWith(t, markdown, "| DisMax (label smoothing 0.1) | ResNet-34 | 1 |")
}

// ensemble is the record of one of three networks.
func ensemble(loss string) *record.Record {
	return changed(loss, 1, func(r *record.Record) {
		r.Members, r.Epochs, r.Spec.Loss = []int64{1, 2, 3}, nil, "ensemble:"+loss
		r.Loss.Name, r.Loss.Title = r.Spec.Loss, "Deep Ensemble (3 "+r.Loss.Title+")"
	})
}

func TestAnEnsembleIsARowAndNoRun(t *testing.T) {
	records := []*record.Record{ensemble("softmax")}
	for seed := range int64(3) {
		records = append(records, fixture.New("softmax", seed), fixture.New("dismax", seed))
	}
	for _, r := range records {
		r.Spec.Model, r.Model.Title = "wideresnet-28-10", "WideResNet-28-10"
	}
	markdown := Table(records...).Markdown()
	lineWith(t, markdown, "| Deep Ensemble (3 SoftMax) | WideResNet-28-10 | 1 |")
	check.Holds(t, markdown, "| *paper* | *WideResNet-28-10* |  | *96.6 ± 0.1* |") // of the paper's Deep Ensemble
	for _, caution := range Cautions(records...) {
		if strings.Contains(caution, "Single runs") || strings.Contains(caution, "ended before") {
			t.Errorf("an ensemble is taken for a run: %s", caution)
		}
	}
	if all := sections(records)[0].highlights(); len(all) == 0 || !strings.HasPrefix(all[0].Holder, "DisMax") {
		t.Errorf("highlights: got %+v, want those of DisMax", all)
	}
}

// The floor is measured on images, so that runs on the same images have it once.
func TestTheFloorIsARowOfEveryDetectionTable(t *testing.T) {
	var records []*record.Record
	for _, loss := range []string{"softmax", "dismax"} {
		for seed := range int64(2) {
			records = append(records, changed(loss, seed, func(r *record.Record) {
				floor := fixture.Detection("JPEG size", 1)
				floor.AUROC, floor.Title = 0.75, "no network: minus the bytes"
				r.OutOfDistribution[0].Floor = &floor
			}))
		}
	}
	markdown := Table(records...).Markdown()
	line := "| (no network) |  | JPEG size | 75.0 |"
	if got := strings.Count(markdown, line); got != 3 {
		t.Errorf("got %d rows %q, want one each in the tables of the losses' own scores, of near and far, and of the others:\n%s",
			got, line, markdown)
	}
	check.Holds(t, markdown, "(no network): the floor, JPEG size (no network: minus the bytes), its sign fixed beforehand")
}

// A table is quoted without the page around it.
func TestEveryTableOfDetectionSaysHowItWasMeasured(t *testing.T) {
	var records []*record.Record
	for seed := range int64(2) {
		records = append(records, changed("dismax", seed, func(r *record.Record) {
			r.Loss.Scores = []string{"MMLES"}
			r.Data.Test.Format = "JPEG 4:2:0"
		}))
	}
	tables := strings.Split(Table(records...).LaTeX(), `\begin{table}`)[1:]
	for _, name := range []string{"detection", "near-far", "other-scores", "paper-layout"} {
		at := slices.IndexFunc(tables, func(table string) bool { return strings.Contains(table, `\label{tab:cifar10-`+name+"}") })
		if at < 0 {
			t.Fatalf("no table %s", name)
		}
		caption, _, _ := strings.Cut(tables[at], `\label`)
		check.Holds(t, caption, "2 seeds a row; trained for 60 epochs of 45,000 images; computed by goconv; protocol held-out",
			"CIFAR-10 (JPEG 4:2:0) were read from JPEG copies, not from the original files")
		if name == "detection" && strings.Contains(caption, "maximum probability score") {
			t.Errorf("the caption explains a score of another table: %s", caption)
		}
		if len(caption) > 1500 {
			t.Errorf("%s: a caption of %d characters", name, len(caption))
		}
	}
}

func TestTableOrdersRowsByLossWhateverTheOrderOfRecords(t *testing.T) {
	a, b, c := fixture.New("softmax", 1), fixture.New("isomaxplus", 1), fixture.New("dismax-fpr", 1)
	if got, want := Table(c, nil, b, a).Markdown(), Table(a, b, c).Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTableMarksNoWinnerWithoutARival(t *testing.T) {
	alone := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution = nil })
	if latex := Table(alone).LaTeX(); strings.Contains(latex, `\textbf`) {
		t.Errorf("a single row has a bold number:\n%s", latex)
	}
}

func TestTableShowsNaNAndNeverCallsItTheBest(t *testing.T) {
	broken := changed("softmax", 1, func(r *record.Record) {
		r.Test.Accuracy, r.Test.After.NLL, r.OutOfDistribution[0].Scores[0].AUROC = math.NaN(), math.Inf(1), math.NaN()
	})
	results := Table(broken, fixture.New("dismax", 1), fixture.New("isomax", 1))
	line := lineWith(t, results.Markdown(), "| SoftMax |")
	if !strings.Contains(line, "| NaN |") || !strings.Contains(line, "| ∞ |") {
		t.Errorf("got %s, want NaN and ∞ in it", line)
	}
	for _, text := range []string{results.Markdown(), results.HTML(), results.LaTeX()} {
		for _, wrong := range []string{"**NaN", "<b>NaN", "textbf{NaN"} {
			if strings.Contains(text, wrong) {
				t.Errorf("NaN is marked as the best: %q", wrong)
			}
		}
	}
}

func TestTableSaysMissingWhereASetWasNotMeasured(t *testing.T) {
	without := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = r.OutOfDistribution[:1] })
	rows := Table(without, fixture.New("dismax", 1)).sections[0].detectionGrid(true).rows
	heading := ""
	for _, row := range rows {
		if row.heading != "" {
			heading = row.heading
		} else if heading == "against SVHN" && row.cells[0].text == "SoftMax" {
			t.Errorf("SoftMax has no results on SVHN, but a row: %v", row.cells)
		}
	}
	none := Table(changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = nil })).Markdown()
	if strings.Contains(none, "AUROC") {
		t.Errorf("a record without out-of-distribution sets has a detection table:\n%s", none)
	}
}

func TestTableOfDifferentDataSetsHasSections(t *testing.T) {
	other := changed("dismax", 1, trainedOn("my_set", ""))
	results := Table(fixture.New("dismax", 1), other)
	markdown := results.Markdown()
	first, second := strings.Index(markdown, "### CIFAR-10\n"), strings.Index(markdown, "### my\\_set\n")
	if first < 0 || second < first {
		t.Errorf("want a section CIFAR-10 and then my_set, got\n%s", markdown)
	}
	if got := strings.Count(results.LaTeX(), `\begin{table}`); got != 6 {
		t.Errorf("got %d LaTeX tables, want 6: two for each data set, and for CIFAR-10 near and far and the layout of Table 2", got)
	}
	if got := strings.Count(results.HTML(), "<table>"); got != 5 {
		t.Errorf("got %d HTML tables, want 5", got)
	}
}

func TestTableNamesTheDefinitionsOfAConvention(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[0].Scores[0].Convention = "field" })
	check.Holds(t, Table(r).Markdown(), "scikit-learn, OpenOOD, pytorch-ood: ties count half")
}

func TestTableShowsNoScoreAsThatOfALossThatNamesNone(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) { r.Loss.Scores = nil })
	markdown := Table(r).Markdown()
	if strings.Contains(markdown, "**Out-of-distribution detection**") {
		t.Errorf("a score is shown as that of the loss:\n%s", markdown)
	}
	check.Holds(t, markdown, "**Out-of-distribution detection with other scores**", "| DisMax | ResNet-34 | MMLES |",
		"a larger score is more in-distribution")
	_, err := ScoreHistogram(r, "svhn", "")
	check.Error(t, err, "does not say which score goes with its loss: name one of MMLES, MPS")
}

func TestPaperRowIsLeftOutWhereThePaperHasNotTheSet(t *testing.T) {
	r := changed("softmax", 1, func(r *record.Record) {
		r.OutOfDistribution = r.OutOfDistribution[:1]
		r.OutOfDistribution[0].Set.Name = "paintings"
	})
	_, detection, _ := strings.Cut(Table(r).Markdown(), "AUROC")
	if strings.Contains(detection, "paper*") {
		t.Errorf("the paper has no paintings, but a row:\n%s", detection)
	}
}

func TestTableLeavesOutSpeedThatWasNotMeasured(t *testing.T) {
	slow := changed("softmax", 1, func(r *record.Record) { r.InferenceImagesPerSecond = 0 })
	if markdown := Table(slow).Markdown(); strings.Contains(markdown, "Images/s") {
		t.Errorf("no record holds a speed, but there is a column:\n%s", markdown)
	}
	line := lineWith(t, Table(slow, fixture.New("dismax", 1)).Markdown(), "| SoftMax |")
	if !strings.HasSuffix(line, "| – |") {
		t.Errorf("got %s, want a dash for the speed", line)
	}
}

// strange is a loss whose name means something in every form of a table.
const strange = "a|b_c*<i>&\"x\", $5 {q} #1 50% ~^\\"

func TestTableEscapesNames(t *testing.T) {
	results := Table(changed(strange, 1, func(r *record.Record) { r.OutOfDistribution = nil }))

	markdown := lineWith(t, results.Markdown(), `| a\|`)
	if want := `| a\|b\_c\*&lt;i&gt;&amp;"x", $5 {q} #1 50% ~^\\ | ResNet-34 | 1 |`; !strings.HasPrefix(markdown, want) {
		t.Errorf("Markdown: got %s, want it to begin with %s", markdown, want)
	}

	page := results.HTML()
	if want := "<td>a|b_c*&lt;i&gt;&amp;&#34;x&#34;, $5 {q} #1 50% ~^\\</td>"; !strings.Contains(page, want) {
		t.Errorf("HTML: want %s in\n%s", want, page)
	}

	latex := lineWith(t, results.LaTeX(), "a|b")
	want := `a|b\_c*\textless{}i\textgreater{}\&"x", \$5 \{q\} \#1 50\% ` +
		`\textasciitilde{}\textasciicircum{}\textbackslash{} & `
	if !strings.HasPrefix(latex, want) {
		t.Errorf("LaTeX: got %s, want it to begin with %s", latex, want)
	}

	rows, err := csv.NewReader(strings.NewReader(results.CSV())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[1][2]; got != strange {
		t.Errorf("CSV: got loss %q back, want %q", got, strange)
	}
}

func TestLaTeXRowsHaveAsManyCellsAsColumns(t *testing.T) {
	latex := Table(fixture.New("softmax", 1), fixture.New("dismax-fpr", 1), fixture.New("dismax-fpr", 2)).LaTeX()
	columns := 0
	for line := range strings.Lines(latex) {
		if rest, ok := strings.CutPrefix(line, `\begin{tabular}{`); ok {
			columns = len(strings.TrimSuffix(rest, "}\n"))
		}
		if strings.HasSuffix(line, "\\\\\n") && !strings.HasPrefix(line, `\multicolumn`) {
			if got := strings.Count(line, " & ") + 1; got != columns {
				t.Errorf("got %d cells, want %d: %s", got, columns, line)
			}
		}
	}
	if columns == 0 {
		t.Errorf("no table in\n%s", latex)
	}
}

func TestTableNamesItsConventions(t *testing.T) {
	held, paper := fixture.New("softmax", 1), fixture.New("dismax", 1)
	paper.Spec.Protocol, paper.Spec.CalibrationCriterion = record.Paper, "nll"
	markdown := Table(held, paper).Markdown()
	for _, want := range []string{"15 equal bins",
		"minimizes the ECE or NLL on held-out training images or the test images",
		"Convention: made up", "larger score is more in-distribution"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("want %q in\n%s", want, markdown)
		}
	}
}

func TestStatisticText(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   string
	}{
		{nil, "–"},
		{[]float64{1.25}, "1.2"},
		{[]float64{1, 3}, "2.0 ± 1.4"},
		{[]float64{1, math.NaN()}, "NaN"},
		{[]float64{math.Inf(-1)}, "-∞"},
	} {
		if got := summarize(test.values).text(1); got != test.want {
			t.Errorf("%v: got %q, want %q", test.values, got, test.want)
		}
	}
}
