package calibrate_test

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// Four of five images are classified correctly, yet at temperature 1 the confidence is 0.98.
func exampleLogits() (metrics.Logits, []int32) {
	return metrics.Logits{Values: []float64{4, 0, 4, 0, 4, 0, 4, 0, 4, 0}, Classes: 2}, []int32{0, 0, 0, 0, 1}
}

func ExampleByECE() {
	logits, labels := exampleLogits()
	result, err := calibrate.ByECE(logits, labels, metrics.DefaultBins)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("temperature %.3f, ECE %.3f -> %.3f\n", result.Temperature, result.Before, result.Objective)
	// Output: temperature 2.885, ECE 0.182 -> 0.000
}

func ExampleByNLL() {
	logits, labels := exampleLogits()
	result, err := calibrate.ByNLL(logits, labels)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("temperature %.3f, NLL %.3f -> %.3f\n", result.Temperature, result.Before, result.Objective)
	// Output: temperature 2.885, NLL 0.818 -> 0.500
}
