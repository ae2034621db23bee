package metrics_test

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

func ExampleEvaluate() {
	logits := metrics.Logits{Values: []float64{
		4, 0, 0,
		0, 3, 0,
		2, 1, 0,
	}, Classes: 3}
	labels := []int32{0, 1, 1}

	e, err := metrics.Evaluate(logits.At(1.5), labels, metrics.DefaultBins)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("accuracy %.3f, NLL %.3f, ECE %.3f\n", e.Accuracy, e.NLL, e.ECE)
	// Output: accuracy 0.667, NLL 0.537, ECE 0.299
}

func ExampleDetect() {
	in, out := []float64{0.9, 0.8, 0.7, 0.5}, []float64{0.6, 0.5, 0.1}

	for _, convention := range metrics.Conventions() {
		d, err := metrics.Detect(in, out, convention)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: AUROC %.3f, AUPR (out) %.3f, TNR95 %.3f\n", convention, d.AUROC, d.AUPROut, d.TNR95)
	}
	// Output:
	// paper: AUROC 0.833, AUPR (out) 0.597, TNR95 0.000
	// field: AUROC 0.875, AUPR (out) 0.847, TNR95 0.333
}

func ExampleBootstrap() {
	in, out := []float64{0.9, 0.8, 0.7, 0.5, 0.95, 0.6}, []float64{0.6, 0.5, 0.1, 0.2, 0.3}

	intervals, err := metrics.Bootstrap{Seed: 1}.Detection(in, out, metrics.FieldConvention)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUROC %.2f, 95%% interval %.2f to %.2f\n",
		intervals.AUROC.Value, intervals.AUROC.Lower, intervals.AUROC.Upper)
	// Output: AUROC 0.93, 95% interval 0.77 to 1.00
}
