//go:build !amd64

package direct

func availableKernelSets() []*kernelSet { return nil }
