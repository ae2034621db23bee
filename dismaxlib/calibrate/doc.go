// Package calibrate fits the temperature that makes a classifier's confidence honest: softmax(logits / temperature).
//
//   - [ByECE] minimizes the expected calibration error, as the paper does;
//   - [ByNLL] minimizes the negative log-likelihood, the usual choice elsewhere, smooth and with one minimum.
//
// Fit it on images that were neither trained on nor are tested on, and give what is found here to whatever computes
// probabilities: dismaxlib.Probabilities, metrics.Logits.At or detect.Parts.Temperature. Scores and thresholds are of
// raw logits, which dismaxlib.SetTemperature would divide.
//
// The package measures with package metrics, knows nothing of GoMLX and changes no model. Start with [ByECE].
package calibrate
