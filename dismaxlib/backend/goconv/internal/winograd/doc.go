// Package winograd convolves float32 images with 3x3 kernels of stride 1 in 16 multiplications for 4 results, where the
// sum that defines them takes 36.
package winograd
