// Package metrics measures how good predictions are, over plain float64 slices:
//
//   - how right and how honest: [Accuracy], [NLL], [Brier], [ECE], [MCE], [OverconfidenceError], or all of them at once
//     with [Evaluate], and the bins of a reliability diagram with [Reliability]; and the calibration errors of
//     other bins or of none, [AdaptiveECE], [ClasswiseECE] and [SmoothECE];
//   - how well scores separate in- from out-of-distribution inputs: [Detect] under a named [Convention],
//     [AveragePrecision], and the data of the plots, [ROC] and [NewHistogram];
//   - how sure these numbers are: [Bootstrap] over the images, of one network; [Paired] and [Holm] over seeds, of
//     differences between methods.
//
// It computes no logits or scores and knows nothing of GoMLX: that is package dismaxlib. It fits no temperature: that
// is package calibrate. Start with [Evaluate] and [Detect].
//
// A larger score is always more in-distribution, as in the paper. Every function refuses NaN, naming the argument and
// the index, and refuses empty sets.
package metrics
