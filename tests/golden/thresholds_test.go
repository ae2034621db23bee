package golden

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestGoldenThresholds(t *testing.T) {
	var file struct {
		Scores      []float64
		Percentiles []float64
		Thresholds  []float64
	}
	testkit.Golden(t, "thresholds.json", &file)
	if len(file.Percentiles) == 0 || len(file.Percentiles) != len(file.Thresholds) {
		t.Fatalf("thresholds.json has %d percentiles and %d thresholds", len(file.Percentiles), len(file.Thresholds))
	}
	for i, percentile := range file.Percentiles {
		threshold, err := detect.Percentile(percentile)(file.Scores)
		if err != nil {
			t.Fatal(err)
		}
		testkit.CheckClose(t, threshold.Rule, []float64{threshold.Value}, file.Thresholds[i:i+1], metricTolerance)
	}
	testkit.CheckClose(t, "published percentiles", detect.PublishedPercentiles(), file.Percentiles, 0)
}
