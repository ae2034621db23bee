// Package dismaxlib is the DisMax loss ("Distinction Maximization Loss", arXiv 2205.05874) and its relatives as GoMLX
// graph code: the heads that replace a classifier's last layer, the losses that train them, the quadrant mixing of
// fractional probability regularization (FPR) and the scores that separate in- from out-of-distribution inputs.
//
// Data, training loops, metrics and files live in other packages. Where to begin, by what there is and what is wanted:
//
//   - a GoMLX model, to be trained with another head and loss: [LossByName], see below;
//   - images and a model by its name, to be trained, measured and recorded: experiment.Run, the command "dismax run";
//   - a backbone, for a loop of one's own: network.Network, whose Logits go to training.Run or train.NewTrainer, and
//     whose Predict passes images through it;
//   - logits of any model, to be scored: dismaxlib.MMLES.Compute(device, dismaxlib.Outputs{Logits: logits}, nil), with
//     the scores of other papers in package posthoc;
//   - logits and labels, to be measured or calibrated: packages metrics and calibrate, or all at once experiment.Evaluate;
//   - a trained network or its logits, to refuse what is unknown: detect.New, or "dismax export" of a run;
//   - nothing yet: pretrained.CIFAR10, a detector that is ready.
//
// What computes graphs takes a device, which backend.Open opens.
//
// Start reading at [Loss], which ties a head, a loss function and scores together, or at [DisMax] in head.go and
// [EntropicLoss] in entropic.go, which are all of the DisMax loss but FPR; no reader of the loss needs backend/goconv,
// an engine below GoMLX that knows nothing of it.
//
// # Swapping the head and the loss of a GoMLX model
//
// A plain GoMLX classifier needs three lines changed:
//
//	func classifier(scope *model.Scope, images *graph.Node) *graph.Node {
//		images = loss.Images(scope, images)                   // added: mixes quadrants when the loss has FPR
//		features := backbone(scope, images)                   // [batch, features]
//		return loss.Head(scope, features, 10)                 // was: layers.Dense(scope, features, true, 10)
//	}
//	trainer := train.NewTrainer(backend, store, classifier,
//		loss.Function,                                        // was: loss.SparseCategoricalCrossEntropyLogits
//		optimizer, trainMetrics, evalMetrics)
//
// where loss, err := dismaxlib.LossByName("dismax-fpr"). Without a name, the same is dismaxlib.DisMax(scope, features,
// 10).Done(), dismaxlib.EntropicLoss or dismaxlib.FPRLoss(1), and dismaxlib.MixQuadrants(images) while training.
//
// # Temperature and scores
//
// Networks trained with the entropic scale are underconfident until a temperature is fitted, with package calibrate. It
// serves probabilities only: [Probabilities] applies it to raw logits, and a model that shall give nothing but
// probabilities can store it with [SetTemperature], since every head divides its logits by a stored temperature, 1 at
// first. A [Score] is always taken from raw logits; at another temperature it would be another score, so that packages
// network and detect refuse weights that store one.
package dismaxlib
