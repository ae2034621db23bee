// Package training trains a GoMLX model on any data set and for any loss: SGD exactly as PyTorch defines it, step
// schedules, a loop with progress, checkpoints that survive a kill, and resuming to the same result.
//
// It wraps GoMLX's trainer and loop; it does not know which data set, which head or which paper. Start with [Run], or
// take [SGD] alone into a trainer of your own.
package training
