// Package detect decides whether an input is in- or out-of-distribution.
//
//   - A [Threshold] is fitted on in-distribution scores: at a percentile, as the published code does, or with a
//     finite-sample guarantee ([ConformalThreshold]).
//
// It trains nothing. Start with [ConformalThreshold].
package detect
