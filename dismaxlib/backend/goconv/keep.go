package goconv

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/winograd"

// keepWeights lets convolutions keep their transformed weights from call to call, within the budget, where the
// computation has no gradient of a kernel: one that has will hardly ever see the same weights twice.
func (p *planner) keepWeights() {
	for i, op := range p.operations {
		if p.live[i] && op.convolution != nil && op.convolution.ofKernel {
			return
		}
	}
	left := p.backend.options.weights
	for i, op := range p.operations {
		if !p.live[i] || op.convolution == nil {
			continue
		}
		if made, transforms := op.convolution.convolver.(*winograd.Forward); transforms && made.WeightBytes() <= left {
			left -= made.WeightBytes()
			made.KeepWeights(p.backend.weights)
		}
	}
}
