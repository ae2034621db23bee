// Package detect decides whether an input is in- or out-of-distribution, and is what a user ships.
//
//   - A [Threshold] is fitted on in-distribution scores by a [Rule]: [Percentile], as the published code does, or
//     [Conformal], which comes with a finite-sample guarantee.
//   - [Sets] of classes hold the right one with a probability that is promised: [THR], [APS] and [APSNonEmpty].
//   - A [Detector] holds network, weights, temperature, score and threshold, answers for images, or for the logits and
//     features of any model, and is saved to and loaded from one file, with what it was [Measured] to be worth.
//
// It trains nothing and reads no images. datasets.ReadImage makes the pixels that a detector takes of an image file, and
// experiment.Detector makes a detector of a finished run. Start with [New].
package detect
