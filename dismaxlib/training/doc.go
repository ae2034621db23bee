// Package training trains a GoMLX model on any data set, for any loss and with any optimizer: a loop with progress,
// validation and early stopping, checkpoints that survive a kill, and resuming to the same result, bit for bit.
//
// It does not know which data set, which head or which paper. Start with [Run]: run.go is the loop, step.go one step of
// it, devices.go a step on several devices, checkpoint.go what it saves, in the format of format.go. Or take [SGD] alone,
// which is PyTorch's, into a trainer of your own.
package training
