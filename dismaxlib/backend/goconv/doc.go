// Package goconv makes GoMLX's pure-Go backend train convolutional networks.
//
// It registers the backend "goconv", which is GoMLX's go backend with convolution lowered to matrix products and with
// the batch normalization that go lacks. Code above it, GoMLX's layers included, does not change.
package goconv
