package training_test

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

func TestSchedulesFollowTheirFormula(t *testing.T) {
	for _, test := range []struct {
		name     string
		schedule training.Schedule
		want     []float64 // of steps 0, 1, ...
	}{
		{"constant", training.MultiStep{Initial: 0.1}, []float64{0.1, 0.1}},
		{"steps", training.MultiStep{Initial: 0.1, Factor: 0.1, Milestones: []int{2, 4}},
			[]float64{0.1, 0.1, 0.01, 0.01, 0.001, 0.001}},
		{"cosine", training.Cosine{Peak: 1, Steps: 4},
			[]float64{1, 0.5 + math.Sqrt2/4, 0.5, 0.5 - math.Sqrt2/4, 0, 0}},
		{"cosine with warm-up and minimum", training.Cosine{Peak: 1, Minimum: 0.2, WarmUp: 4, Steps: 6},
			[]float64{0.25, 0.5, 0.75, 1, 1, 0.6, 0.2, 0.2}},
		{"warm-up alone", training.Cosine{Peak: 1, Minimum: 0.2, WarmUp: 2, Steps: 2}, []float64{0.5, 1, 0.2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for step, want := range test.want {
				if got := test.schedule.At(step); math.Abs(got-want) > 1e-15 {
					t.Errorf("rate of step %d = %g; want %g", step, got, want)
				}
			}
		})
	}
}
