package goconv

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/winograd"

// keepWeights lets convolutions keep their transformed weights from call to call, within the budget, where the
// computation has no gradient of a kernel: one that has will hardly ever see the same weights twice.
func (p *planner) keepWeights() {
	for i, op := range p.operations {
		if p.live[i] && op.trains {
			return
		}
	}
	left := p.backend.options.weights
	for i, op := range p.operations {
		convolution, transforms := op.finisher.(*winograd.Forward)
		if !p.live[i] || !transforms || convolution.WeightBytes() > left {
			continue
		}
		left -= convolution.WeightBytes()
		convolution.KeepWeights(p.backend.weights)
	}
}
