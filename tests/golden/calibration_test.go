package golden

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestGoldenCalibration(t *testing.T) {
	var file struct {
		Cases []struct {
			Name        string
			Rows        int
			Classes     int
			Logits      []float64
			Labels      []int32
			ECE         float64
			MCE         float64
			OE          float64
			Accuracy    float64
			NLL         float64
			Brier       float64
			Calibration struct {
				LBFGSBECE      float64 `json:"lbfgsb_ece"`
				GridECE        float64 `json:"grid_ece"`
				NLLTemperature float64 `json:"nll_temperature"`
				NLLMin         float64 `json:"nll_min"`
			}
		}
	}
	testkit.Golden(t, "calibration.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("calibration.json has no cases")
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			logits := metrics.Logits{Values: c.Logits, Classes: c.Classes}
			if logits.Rows() != c.Rows {
				t.Fatalf("got %d rows, want %d", logits.Rows(), c.Rows)
			}
			e, err := metrics.Evaluate(logits, c.Labels, metrics.DefaultBins)
			if err != nil {
				t.Fatal(err)
			}
			checkMetric(t, "ECE", e.ECE, c.ECE)
			checkMetric(t, "MCE", e.MCE, c.MCE)
			checkMetric(t, "overconfidence error", e.OverconfidenceError, c.OE)
			checkMetric(t, "accuracy", e.Accuracy, c.Accuracy)
			checkMetric(t, "NLL", e.NLL, c.NLL)
			checkMetric(t, "Brier", e.Brier, c.Brier)

			byECE, err := calibrate.ByECE(logits, c.Labels, metrics.DefaultBins)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("ECE %.6f -> %.6f at %.6f (L-BFGS-B %.6f, grid %.6f)",
				e.ECE, byECE.Objective, byECE.Temperature, c.Calibration.LBFGSBECE, c.Calibration.GridECE)
			if byECE.Objective > c.Calibration.LBFGSBECE {
				t.Errorf("calibrated ECE: got %.9f, want at most L-BFGS-B's %.9f", byECE.Objective, c.Calibration.LBFGSBECE)
			}
			if byECE.Objective > c.Calibration.GridECE+1e-3 {
				t.Errorf("calibrated ECE: got %.9f, want at most the grid's %.9f + 0.001",
					byECE.Objective, c.Calibration.GridECE)
			}

			byNLL, err := calibrate.ByNLL(logits, c.Labels)
			if err != nil {
				t.Fatal(err)
			}
			checkMetric(t, "smallest NLL", byNLL.Objective, c.Calibration.NLLMin)
			if off := math.Abs(byNLL.Temperature/c.Calibration.NLLTemperature - 1); !(off <= 1e-4) {
				t.Errorf("temperature by NLL: got %.9f, want %.9f", byNLL.Temperature, c.Calibration.NLLTemperature)
			}
		})
	}
}
