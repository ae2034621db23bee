// Package batchnorm normalizes float32 images, [rows, features] with one row for each pixel, over their rows, and
// computes the gradients, with AVX2 vectors and in as few passes over memory as there can be: two each.
//
// Start in normalization.go. Slices in, slices out: nothing here knows of graphs or backends. The vector loops need a
// build with GOEXPERIMENT=simd; [Available] tells.
package batchnorm
