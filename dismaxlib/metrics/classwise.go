package metrics

// ClasswiseECE is the mean over the classes of the expected calibration error of each class's probability (Kull et al.
// 2019, arXiv 1910.12656): for a class c, all rows are put into equally wide bins (lo, hi] by p_c, and
// |frequency of c - mean p_c| is weighted with the bins' shares of rows. It returns the errors of the classes, too.
//
// Unlike what libraries call SCE, it counts a row as right for c if and only if its label is c.
func ClasswiseECE(logits Logits, labels []int32, bins int) (mean float64, perClass []float64, err error) {
	if err := checkBins(bins); err != nil {
		return 0, nil, err
	}
	if err := logits.Check(labels); err != nil {
		return 0, nil, err
	}
	edges := binEdges(bins)
	ofClass := make([][]ReliabilityBin, logits.Classes)
	for class := range ofClass {
		ofClass[class] = newReliability(edges)
	}
	for row, label := range labels {
		for class, p := range logits.Probabilities(row) {
			isLabel := 0.0
			if class == int(label) {
				isLabel = 1
			}
			ofClass[class][binOf(p, edges)].add(1, p, isLabel)
		}
	}
	for _, reliability := range ofClass {
		sumsToMeans(reliability)
		perClass = append(perClass, expectedError(reliability))
		mean += perClass[len(perClass)-1] / float64(logits.Classes)
	}
	return mean, perClass, nil
}
