// Package training trains a GoMLX model on any data set, for any loss and with any optimizer: a loop with progress,
// validation and early stopping, checkpoints that survive a kill, and resuming to the same result, bit for bit.
//
// It does not know which data set, which head or which paper. Start with [Run], whose loop is in run.go, or take [SGD]
// alone, which is PyTorch's, into a trainer of your own.
package training
