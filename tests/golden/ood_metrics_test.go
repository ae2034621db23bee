package golden

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/tests/testkit"
)

// metricTolerance is what float64 sums in another order may differ by.
const metricTolerance = 1e-9

func TestGoldenDetectionMetrics(t *testing.T) {
	var file struct {
		Cases []struct {
			Name      string
			In        []float64 `json:"in_scores"`
			Out       []float64 `json:"out_scores"`
			Reference struct{ TNR, AUROC, DTACC, AUIN, AUOUT float64 }
			Sklearn   struct {
				AUROC               float64
				AUPRIn              float64 `json:"auprc_in_trapezoid"`
				AUPROut             float64 `json:"auprc_out_trapezoid"`
				AveragePrecisionIn  float64 `json:"average_precision_in"`
				AveragePrecisionOut float64 `json:"average_precision_out"`
				FPR95               float64 `json:"fpr_at_95_tpr"`
			}
		}
	}
	testkit.Golden(t, "ood_metrics.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("ood_metrics.json has no cases")
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			paper := measure(t, c.In, c.Out, metrics.PaperConvention)
			checkMetric(t, "paper TNR95", paper.TNR95, c.Reference.TNR)
			checkMetric(t, "paper FPR95", paper.FPR95, 1-c.Reference.TNR)
			checkMetric(t, "paper AUROC", paper.AUROC, c.Reference.AUROC)
			checkMetric(t, "paper detection accuracy", paper.DetectionAccuracy, c.Reference.DTACC)
			checkMetric(t, "paper AUPR in", paper.AUPRIn, c.Reference.AUIN)
			checkMetric(t, "paper AUPR out", paper.AUPROut, c.Reference.AUOUT)

			field := measure(t, c.In, c.Out, metrics.FieldConvention)
			checkMetric(t, "field AUROC", field.AUROC, c.Sklearn.AUROC)
			checkMetric(t, "field AUPR in", field.AUPRIn, c.Sklearn.AUPRIn)
			checkMetric(t, "field AUPR out", field.AUPROut, c.Sklearn.AUPROut)
			// The file's FPR has in-distribution as the positive class: the complement of TNR95, not the field's FPR95.
			checkMetric(t, "field TNR95", field.TNR95, 1-c.Sklearn.FPR95)
			checkMetric(t, "field detection accuracy", field.DetectionAccuracy, c.Reference.DTACC)

			asIn, asOut, err := metrics.AveragePrecision(c.In, c.Out)
			if err != nil {
				t.Fatal(err)
			}
			checkMetric(t, "average precision in", asIn, c.Sklearn.AveragePrecisionIn)
			checkMetric(t, "average precision out", asOut, c.Sklearn.AveragePrecisionOut)
		})
	}
}

func measure(t *testing.T, in, out []float64, convention metrics.Convention) metrics.Detection {
	t.Helper()
	d, err := metrics.Detect(in, out, convention)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func checkMetric(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= metricTolerance) {
		t.Errorf("%s: got %.12f, want %.12f", what, got, want)
	}
}
