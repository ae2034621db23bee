package direct

import "testing"

const SlabRows = slabRows

// ForEachKernelSet runs a test with every set of kernels that this processor has.
func ForEachKernelSet(t *testing.T, test func(t *testing.T)) {
	if !Available() {
		t.Skip("this processor has neither AVX-512 nor AVX2")
	}
	detected := kernels
	defer func() { kernels = detected }()
	for _, set := range availableKernelSets() {
		kernels = set
		t.Run(set.name, test)
	}
}
