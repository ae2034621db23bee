// Package batchnorm normalizes float32 images, [rows, features] with one row for each pixel, over their rows, and
// computes the gradients, with AVX2 vectors and in as few passes over memory as there can be: two each, in the order of
// memory.
//
// Start in normalization.go; blocks.go normalizes what a convolution has just written. kernels.go has the loops over
// vectors, and plain.go their twins in plain Go, which are what they are tested against and what computes the rows at
// the end that fill no vectors. Slices in, slices out: nothing here knows of graphs or backends. The vector loops need a
// build with GOEXPERIMENT=simd; [Available] tells.
package batchnorm
