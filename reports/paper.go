package reports

import (
	"embed"
	"encoding/json"
	"math"
	"sync"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

//go:embed paper/table2.json paper/imagenet.json
var paperFiles embed.FS

// paperSeeds is the number of runs behind each mean of the paper's Table 2.
const paperSeeds = 10

// published holds the numbers of one row of the paper in the units of a record: shares, not percentages.
type published struct {
	source     string
	accuracy   statistic
	efficiency statistic            // of inference, 1 is SoftMax's
	ece        statistic            // after calibration
	auroc      map[string]statistic // by the files' name of the out-of-distribution set, with the paper's score of the loss
	auprOut    map[string]statistic // likewise
}

// paperNumber is a mean with its deviation as the files hold it; absent where the paper gives none.
type paperNumber struct {
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
}

// paperTable is the form of table2.json.
type paperTable struct {
	Source string `json:"source"`
	Rows   []struct {
		Dataset    string                  `json:"in_distribution"`
		Model      string                  `json:"model"`
		Method     string                  `json:"method"`
		Accuracy   *paperNumber            `json:"accuracy_percent"`
		Efficiency *paperNumber            `json:"inference_efficiency_percent"`
		ECE        *paperNumber            `json:"ece"`
		AUPR       map[string]*paperNumber `json:"aupr_percent"`
		AUROC      map[string]*paperNumber `json:"auroc_percent"`
	} `json:"rows"`
}

// imageNetTable is the form of imagenet.json: plain percentages without deviations.
type imageNetTable struct {
	Source  string `json:"source"`
	Dataset string `json:"in_distribution"`
	Model   string `json:"model"`
	Rows    []struct {
		Method   string             `json:"method"`
		Accuracy float64            `json:"accuracy_percent"`
		AUROC    map[string]float64 `json:"auroc_percent"`
	} `json:"rows"`
}

// paperNumbers returns what the paper reports for the data set, model and loss of the spec, or nil. It ignores how
// long and with what the run was trained: Cautions says so where that differs.
func paperNumbers(spec record.Spec) *published { return paperRows()[paperKeyOf(spec)] }

// paperOrder lists the rows of Table 2 in its order.
var paperOrder = sync.OnceValue(func() []paperKey {
	var table paperTable
	readPaper("paper/table2.json", &table)
	var keys []paperKey
	for _, row := range table.Rows {
		keys = append(keys, paperKey{row.Dataset, row.Model, row.Method})
	}
	return keys
})

// paperRows are the rows of both files.
var paperRows = sync.OnceValue(func() map[paperKey]*published {
	rows := map[paperKey]*published{}
	var table paperTable
	readPaper("paper/table2.json", &table)
	for _, row := range table.Rows {
		rows[paperKey{row.Dataset, row.Model, row.Method}] = &published{
			source: table.Source, accuracy: row.Accuracy.share(), ece: row.ECE.statistic(),
			efficiency: row.Efficiency.alone(), auroc: sharesBySet(row.AUROC), auprOut: sharesBySet(row.AUPR),
		}
	}
	var imageNet imageNetTable
	readPaper("paper/imagenet.json", &imageNet)
	for _, row := range imageNet.Rows {
		auroc := map[string]statistic{}
		for set, auc := range row.AUROC {
			auroc[set] = statistic{mean: percent(auc), n: 1}
		}
		rows[paperKey{imageNet.Dataset, imageNet.Model, row.Method}] = &published{
			source: imageNet.Source, accuracy: statistic{mean: percent(row.Accuracy), n: 1}, auroc: auroc,
		}
	}
	return rows
})

// readPaper panics on a broken file: it is part of the program.
func readPaper(name string, into any) {
	content, err := paperFiles.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	if err != nil {
		panic("reports: " + name + ": " + err.Error())
	}
}

func (n *paperNumber) statistic() statistic {
	if n == nil {
		return statistic{}
	}
	return statistic{mean: n.Mean, std: n.Std, n: paperSeeds}
}

// share turns a percentage into a share.
func (n *paperNumber) share() statistic {
	s := n.statistic()
	s.mean, s.std = percent(s.mean), percent(s.std)
	return s
}

// alone turns a percentage that the paper gives without a deviation into a share.
func (n *paperNumber) alone() statistic {
	s := n.share()
	s.n = min(s.n, 1)
	return s
}

// percent is so many hundredths, without the rounding errors of a division: 94.9 gives 0.949.
func percent(p float64) float64 { return math.Round(p*1e8) / 1e10 }

func sharesBySet(numbers map[string]*paperNumber) map[string]statistic {
	shares := map[string]statistic{}
	for set, number := range numbers {
		shares[set] = number.share()
	}
	return shares
}
