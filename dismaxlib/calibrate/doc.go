// Package calibrate fits the temperature that makes a classifier's confidence honest: softmax(logits / temperature).
//
//   - [ByECE] minimizes the expected calibration error, as the paper does;
//   - [ByNLL] minimizes the negative log-likelihood, the usual choice elsewhere, smooth and with one minimum.
//
// Fit it on images that were neither trained on nor are tested on. It measures with package metrics, knows nothing of
// GoMLX and changes no model: dismaxlib.SetTemperature stores what is found here. Start with [ByECE].
package calibrate
