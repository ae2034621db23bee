// Package direct convolves float32 images straight from memory, without an im2col matrix, with vector kernels for
// AVX-512 and AVX2.
//
// [Convolution] describes one; [Forward] computes it, and with an input dilation the gradient of its input as well;
// [KernelGradient] computes the gradient of the kernel. A [Prologue] changes what is read as it is copied, an
// [Epilogue] results while they lie in the cache. Slices in, slices out: nothing here knows of graphs or backends.
// Start in forward.go; the arithmetic is in kernels_amd64.s. The tests compare with the sums of package kerneltest,
// which are the definition in plain loops.
//
// The same kernels multiply matrices for package winograd: [Product] and [OuterProduct].
package direct
