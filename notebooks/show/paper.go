package show

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// PaperNumber is a mean of the paper's runs with its standard deviation; nil where the paper has none.
type PaperNumber struct{ Mean, Std float64 }

// String writes the number with so many decimals as the paper, or a dash.
func (n *PaperNumber) String() string {
	switch {
	case n == nil:
		return "–"
	case n.Mean < 1: // an ECE, a share
		return fmt.Sprintf("%.4f ± %.4f", n.Mean, n.Std)
	default: // a percentage
		return fmt.Sprintf("%.1f ± %.1f", n.Mean, n.Std)
	}
}

// PaperRow is a row of the paper's Table 2. Data set, model and method are as a table shows them: "CIFAR-10", "ResNet-34",
// "DisMax with FPR". Percentages are percentages, the ECE is a share. AUPR and AUROC are by the name of the
// out-of-distribution set.
type PaperRow struct {
	Dataset    string                  `json:"in_distribution"`
	Model      string                  `json:"model"`
	Method     string                  `json:"method"`
	Accuracy   *PaperNumber            `json:"accuracy_percent"`
	Efficiency *PaperNumber            `json:"inference_efficiency_percent"`
	ECE        *PaperNumber            `json:"ece"`
	AUPR       map[string]*PaperNumber `json:"aupr_percent"`
	AUROC      map[string]*PaperNumber `json:"auroc_percent"`
}

// paperFolder is where the repository has the paper's numbers, seen from the notebooks.
const paperFolder = "../reports/paper"

// PaperTable2 returns the rows of the paper's Table 2 for "CIFAR-10" or "CIFAR-100".
func PaperTable2(dataset string) []PaperRow {
	var table struct{ Rows []PaperRow }
	readJSON(filepath.Join(paperFolder, "table2.json"), &table)
	var rows []PaperRow
	for _, row := range table.Rows {
		if row.Dataset == dataset {
			rows = append(rows, row)
		}
	}
	return rows
}

// PaperImageNetRow is a row of the ImageNet results in the README of the published code, in percent.
type PaperImageNetRow struct {
	Method, Score string
	Accuracy      float64            `json:"accuracy_percent"`
	AUROC         map[string]float64 `json:"auroc_percent"`
}

// PaperImageNet returns the published ImageNet results and where they are published.
func PaperImageNet() (rows []PaperImageNetRow, source string) {
	var table struct {
		Source string
		Rows   []PaperImageNetRow
	}
	readJSON(filepath.Join(paperFolder, "imagenet.json"), &table)
	return table.Rows, table.Source
}

func readJSON(path string, into any) {
	if err := json.Unmarshal(Must(os.ReadFile(path)), into); err != nil {
		Check(fmt.Errorf("%s: %w", path, err))
	}
}
