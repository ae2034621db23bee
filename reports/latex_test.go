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

func TestLaTeXCompilesAndFitsTheWidthOfTheText(t *testing.T) {
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
	if overfull := regexp.MustCompile(`Overfull \\hbox[^\n]*`).FindAllString(string(output), -1); len(overfull) > 0 {
		t.Errorf("wider than the text: %q", overfull)
	}
}

func TestThePapersLayoutHoldsOurRowsAndAllOfItsOwn(t *testing.T) {
	latex := Table(fixture.New("softmax", 1), fixture.New("dismax-fpr", 1)).LaTeX()
	_, layout, found := strings.Cut(latex, "As Table 2 of the paper")
	if !found {
		t.Fatalf("no such table in\n%s", latex)
	}
	check.Holds(t, layout, "AUPR CIFAR-100 & AUPR SVHN & AUROC TinyImageNet & AUROC LSUN",
		`\emph{ResNet-34, measured here}`, "DisMax + FPR & MMLES &", `\emph{ResNet-34, published}`,
		`\textit{Deep Ensemble (quoted)}`, `\textit{DUQ (quoted)}`, `\textit{SNGP (quoted)}`, `\textit{Scaled Cosine (quoted)}`,
		`\textit{GODIN (quoted)}`, "of another scale than the published ones", "1 seed a row; trained for 60 epochs of 45,000 images")
	if other := Table(changed("dismax", 1, trainedOn("flowers", "Flowers"))).LaTeX(); strings.Contains(other, "As Table 2") {
		t.Error("a data set that the paper has not is shown in its layout")
	}
}
