package reports

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// wideRecords make wide tables: several seeds of several losses under long labels.
func wideRecords() []*record.Record {
	var records []*record.Record
	for _, loss := range []string{"softmax", "isomax", "isomaxplus", "dismax", "dismax-fpr", "scaled-cosine"} {
		for seed := range int64(3) {
			records = append(records, fixture.New(loss, seed), changed(loss, seed, func(r *record.Record) {
				r.Spec.Epochs, r.Spec.TrainLimit, r.Spec.BatchSize = 15, 10_000, 32
			}))
		}
	}
	return records
}

func TestLaTeXCompilesAndFitsThePage(t *testing.T) {
	pdflatex, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Skip("missing tool: pdflatex (Debian: texlive-latex-recommended)")
	}
	folder := t.TempDir()
	document := "\\documentclass{article}\n\\usepackage{booktabs,graphicx}\n\\usepackage[margin=3cm]{geometry}\n" +
		"\\begin{document}\n\\sloppy\n" + Table(wideRecords()...).LaTeX() + "\\end{document}\n"
	if err := os.WriteFile(filepath.Join(folder, "report.tex"), []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), pdflatex, "-interaction=nonstopmode", "-halt-on-error", "report.tex")
	command.Dir = folder
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if overfull := regexp.MustCompile(`Overfull \\hbox[^\n]*|Float too large[^\n]*`).FindAllString(string(output), -1); len(overfull) > 0 {
		t.Errorf("wider or higher than the text: %q", overfull)
	}
}

func TestThePapersLayoutHoldsOurRowsAndAllOfItsOwn(t *testing.T) {
	latex := Table(fixture.New("softmax", 1), fixture.New("dismax-fpr", 1)).LaTeX()
	_, layout, found := strings.Cut(latex, "As Table 2 of the paper")
	if !found {
		t.Fatalf("no such table in\n%s", latex)
	}
	check.Holds(t, layout, `Acc. \% & Eff. \% & ECE &`, "AUPR CIFAR-100 & AUPR SVHN & AUROC TinyImageNet & AUROC LSUN",
		`\emph{ResNet-34, measured here}`, "DisMax + FPR & MMLES &", `\emph{ResNet-34, published}`,
		`\textit{Deep Ensemble (quoted)}`, `\textit{DUQ (quoted)}`, `\textit{SNGP (quoted)}`, `\textit{Scaled Cosine (quoted)}`,
		`\textit{GODIN (quoted)}`, "of another scale than the published ones", "1 seed a row; trained for 60 epochs of 45,000 images")
	if other := Table(changed("dismax", 1, trainedOn("flowers", "Flowers"))).LaTeX(); strings.Contains(other, "As Table 2") {
		t.Error("a data set that the paper has not is shown in its layout")
	}
}

// layoutLines are the rows of the paper's layout that begin so.
func layoutLines(records []*record.Record, prefix string) (lines []string) {
	_, layout, _ := strings.Cut(Table(records...).LaTeX(), "As Table 2 of the paper")
	for line := range strings.Lines(layout) {
		if strings.HasPrefix(line, prefix) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

func TestThePapersLayoutHasARowForEachScoreAndTheFloorLast(t *testing.T) {
	softmax := changed("softmax", 1, func(r *record.Record) {
		r.Loss.Scores = []string{"MPS", "ES"}
		floor := fixture.Detection("JPEG size", 1)
		floor.AUROC, floor.AUPROut = 0.75, 0.6
		r.OutOfDistribution[0].Floor = &floor
	})
	records := []*record.Record{softmax, fixture.New("dismax", 1)}
	for prefix, want := range map[string]int{"SoftMax & MPS &": 1, "SoftMax & ES &": 1, "DisMax & MMLES &": 1, "DisMax & MPS &": 1} {
		if got := layoutLines(records, prefix); len(got) != want {
			t.Errorf("%q: got %d rows, want %d", prefix, len(got), want)
		}
	}
	floor := layoutLines(records, "(no network)")
	if want := `(no network) & JPEG size & -- & -- & -- & -- & -- & 75.0 & -- \\`; len(floor) != 1 || floor[0] != want {
		t.Errorf("got %q, want %q", floor, want)
	}
}

func TestThePapersLayoutLeavesOutWhatTable2CouldNotHave(t *testing.T) {
	heldOut := changed("softmax", 1, func(r *record.Record) { r.Spec.HoldOutClasses = []string{"cat"} })
	half := changed("dismax-half:weight=1", 1, func(r *record.Record) { r.Loss.Scores = []string{"MMLES"} })
	records := []*record.Record{fixture.New("softmax", 1), heldOut, half}
	if got := layoutLines(records, "SoftMax"); len(got) != 1 {
		t.Errorf("got %q, want one row of SoftMax", got)
	}
	if got := layoutLines(records, "dismax-half"); len(got) > 0 {
		t.Errorf("a loss for comparison is shown: %q", got)
	}
}

func TestEfficiencyIsTheSpeedInPercentOfSoftMax(t *testing.T) {
	at := func(loss string, seed int64, speed float64, backend string) *record.Record {
		return changed(loss, seed, func(r *record.Record) { r.InferenceImagesPerSecond, r.Backend.Name = speed, backend })
	}
	records := []*record.Record{at("softmax", 1, 100, "goconv"), at("softmax", 2, 200, "goconv"), at("dismax", 1, 90, "goconv"),
		at("dismax", 2, 220, "goconv"), at("dismax", 3, 500, "goconv"), at("isomaxplus", 1, 900, "xla:cuda")}
	for _, test := range []struct{ prefix, want string }{
		{"SoftMax & MPS", "100.0"}, {"DisMax & MMLES", `100.0 $\pm$ 14.1`}, {"IsoMax+ & MDS", "--"},
		{`\quad \textit{Deep Ensemble`, `\textit{10.3}`},
	} {
		lines := layoutLines(records, test.prefix)
		if len(lines) != 1 || strings.Split(lines[0], " & ")[3] != test.want {
			t.Errorf("%s: got %q, want an efficiency of %s", test.prefix, lines, test.want)
		}
	}
}
