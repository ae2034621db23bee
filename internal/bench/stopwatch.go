package bench

import (
	"slices"
	"time"
)

// duration is the time of one step: on the wall, and of all cores together.
type duration struct{ wall, cpu time.Duration }

// stopwatch notes the time of every step.
type stopwatch struct{ steps []duration }

// time runs a step.
func (s *stopwatch) time(step func() error) error {
	cpu, start := cpuTime(), time.Now()
	err := step()
	s.steps = append(s.steps, duration{time.Since(start), cpuTime() - cpu})
	return err
}

// timing sums up the steps after the warm-up.
func (s *stopwatch) timing(warmup, batch int) Timing {
	var wall, cpu []float64
	for _, step := range s.steps[warmup:] {
		wall, cpu = append(wall, step.wall.Seconds()), append(cpu, step.cpu.Seconds())
	}
	t := Timing{WallSeconds: Median(wall), CPUSeconds: Median(cpu)}
	if t.WallSeconds > 0 {
		t.ImagesPerSecond = float64(batch) / t.WallSeconds
	}
	return t
}

// Median returns the middle one of the values, or the mean of the two in the middle; 0 if there are none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
