// Package posthoc holds the scores that the field compares with, for networks that are trained already: scores of logits
// ([ODIN], [GEN], [KLMatching]), of features ([KNN], [Mahalanobis], [RelativeMahalanobis], [SHE], [NNGuide]), and of
// features with the head ([ReAct], [ASHP], [ASHB], [ASHS], [SCALE]) or with the weights of a linear one ([ViM], [DICE],
// [FDBD]). MPS, MaxLogit and Energy are in package dismaxlib.
//
// Each is the definition of its paper, and its comment says where a library differs. Here, as everywhere, a larger score
// is more in-distribution, so that some have the opposite sign of the paper's. Those with a state are fitted on outputs
// of the training set, by dismaxlib.FitScores.
//
// Importing the package registers nothing. A score works as it is; [Register] makes all of [Scores] known by name, to
// dismaxlib.ScoreByName, to detectors' files and to experiments. Start reading with [KNN].
package posthoc
