//go:build !amd64

package direct

// kernels is nil: there are none for this architecture.
var kernels *kernelSet
