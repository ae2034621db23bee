// Package kerneltest holds what tests of kernels share: operands drawn at random, ways to run the tasks of a kernel, and
// convolutions as the sums that define them, in plain loops of float64.
//
// Start in sums.go. family.go compares a family of kernels with these sums on as many random convolutions as one asks
// for.
package kerneltest
