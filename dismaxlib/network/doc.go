// Package network holds all that turns images into logits: [Network] is backbone, head, preprocessing and class names,
// and its graph serves training, evaluation and detectors alike; [Forward] is the one loop that passes inputs through a
// trained one, and returns [Outputs].
//
// It knows neither how a network is trained nor what becomes of its logits. Start with [Network].
package network
