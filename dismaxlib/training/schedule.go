package training

import "math"

// Schedule gives the learning rate of every step, counted from 0 over all epochs.
//
// [Run] writes it to GoMLX's learning-rate variable, [optimizer.LearningRateVar], before each step. The variable does
// not survive a new trainer, but a schedule is a function of the step alone, so a resumed run goes on at the right
// rate.
type Schedule interface {
	At(step int) float64
}

// MultiStep multiplies the learning rate by Factor at each milestone, like PyTorch's MultiStepLR.
type MultiStep struct {
	Initial    float64
	Factor     float64
	Milestones []int // steps, counted from 0, from which on the factor applies once more
}

// At implements [Schedule].
func (m MultiStep) At(step int) float64 {
	rate := m.Initial
	for _, milestone := range m.Milestones {
		if step >= milestone {
			rate *= m.Factor
		}
	}
	return rate
}

// Cosine rises linearly to Peak in WarmUp steps, and then falls along half a cosine to Minimum, where it stays:
//
//	rate(t) = Peak (t+1) / WarmUp                                                   t < WarmUp
//	rate(t) = Minimum + (Peak-Minimum)/2 (1 + cos(π (t-WarmUp)/(Steps-WarmUp)))     WarmUp <= t < Steps
//	rate(t) = Minimum                                                               Steps <= t
//
// The cosine is one period of equation 5 of "SGDR: Stochastic Gradient Descent with Warm Restarts" (arXiv 1608.03983),
// without restarts; the warm-up is the gradual one of "Accurate, Large Minibatch SGD" (arXiv 1706.02677, section 2.2).
type Cosine struct {
	Peak    float64
	Minimum float64
	WarmUp  int // steps; 0 starts at Peak
	Steps   int // of the whole training, warm-up included
}

// At implements [Schedule].
func (c Cosine) At(step int) float64 {
	switch {
	case step < c.WarmUp:
		return c.Peak * float64(step+1) / float64(c.WarmUp)
	case step < c.Steps:
		done := float64(step-c.WarmUp) / float64(c.Steps-c.WarmUp)
		return c.Minimum + (c.Peak-c.Minimum)/2*(1+math.Cos(math.Pi*done))
	default:
		return c.Minimum
	}
}
