package goconv

import "github.com/gomlx/compute"

// NewWithMemory is New with a choice of where the memory of buffers comes from.
var NewWithMemory = newBackend

// Readers is how many convolutions of a computation normalize what they read.
func Readers(b compute.Builder) (count int, err error) {
	p, err := newPlanner(b.(*builder))
	if err != nil {
		return 0, err
	}
	for i, op := range p.operations {
		if p.live[i] && op.convolution != nil && op.convolution.before != nil {
			count++
		}
	}
	return count, nil
}

// KeptWeights is how many arrays of transformed weights a backend keeps.
func KeptWeights(b compute.Backend) int { return b.(*backend).weights.Len() }

// OperationsLeft is how many operations a computation has after some were fused.
func OperationsLeft(b compute.Builder) (count int, err error) {
	p, err := newPlanner(b.(*builder))
	if err != nil {
		return 0, err
	}
	for _, live := range p.live {
		if live {
			count++
		}
	}
	return count, nil
}
