package metrics

// Evaluation holds every metric of a classifier on one labelled set.
type Evaluation struct {
	Rows                int // images
	Accuracy            float64
	NLL                 float64
	Brier               float64
	ECE                 float64
	MCE                 float64
	OverconfidenceError float64
	Reliability         []ReliabilityBin
}

// Evaluate computes every classification metric in one pass over the logits, read at their temperature.
//
// logits is [rows, classes] and labels [rows]. bins is the number of confidence bins behind ECE, MCE,
// OverconfidenceError and Reliability; the paper uses [DefaultBins].
func Evaluate(logits Logits, labels []int32, bins int) (Evaluation, error) {
	if err := checkBins(bins); err != nil {
		return Evaluation{}, err
	}
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return Evaluation{}, err
	}
	return o.evaluate(nil, binEdges(bins)), nil
}

// evaluate counts each image as often as times says; nil counts each once.
func (o *outcomes) evaluate(times []int32, edges []float64) Evaluation {
	var e Evaluation
	e.Reliability = newReliability(edges)
	for i, confidence := range o.confidence {
		weight := 1
		if times != nil {
			weight = int(times[i])
		}
		e.Rows += weight
		e.Accuracy += float64(weight) * o.correct[i]
		e.NLL += float64(weight) * o.nll[i]
		e.Brier += float64(weight) * o.brier[i]
		e.Reliability[binOf(confidence, edges)].add(weight, confidence, o.correct[i])
	}
	rows := float64(e.Rows)
	e.Accuracy, e.NLL, e.Brier = e.Accuracy/rows, e.NLL/rows, e.Brier/rows

	sumsToMeans(e.Reliability)
	e.ECE = expectedError(e.Reliability)
	e.MCE = maximumError(e.Reliability)
	e.OverconfidenceError = overconfidenceError(e.Reliability)
	return e
}

// Accuracy is the share of rows whose largest logit is the label's. Of equal logits the first counts, as in NumPy and
// PyTorch. No temperature changes it.
func Accuracy(logits Logits, labels []int32) (float64, error) {
	e, err := Evaluate(logits, labels, 1)
	return e.Accuracy, err
}

// NLL is the negative log-likelihood in nats, the mean over the rows of -log p(label): the cross entropy at the
// temperature of the logits and with entropic scale 1.
func NLL(logits Logits, labels []int32) (float64, error) {
	e, err := Evaluate(logits, labels, 1)
	return e.NLL, err
}

// Brier is the mean over the rows of the sum over the classes of (p(class) - [class = label])², between 0 and 2.
// Beware of its sibling for two classes, which sums over one class only and is half as large.
func Brier(logits Logits, labels []int32) (float64, error) {
	e, err := Evaluate(logits, labels, 1)
	return e.Brier, err
}

// ECE is the expected calibration error over equally wide bins (Guo et al. 2017, arXiv 1706.04599, equation 3), the one
// in the paper's tables: the mean of |confidence - accuracy| over the bins, weighted with the bins' shares of images.
func ECE(logits Logits, labels []int32, bins int) (float64, error) {
	e, err := Evaluate(logits, labels, bins)
	return e.ECE, err
}

// MCE is the maximum calibration error: the largest |confidence - accuracy| of a bin that is not empty.
func MCE(logits Logits, labels []int32, bins int) (float64, error) {
	e, err := Evaluate(logits, labels, bins)
	return e.MCE, err
}

// OverconfidenceError weights only the harmful side of the ECE: the mean over the bins of
// confidence * max(confidence - accuracy, 0), weighted with the bins' shares of images (Thulasidasan et al. 2019,
// arXiv 1905.11001).
func OverconfidenceError(logits Logits, labels []int32, bins int) (float64, error) {
	e, err := Evaluate(logits, labels, bins)
	return e.OverconfidenceError, err
}

// Reliability sorts the images into equally wide confidence bins: the data of a reliability diagram.
func Reliability(logits Logits, labels []int32, bins int) ([]ReliabilityBin, error) {
	e, err := Evaluate(logits, labels, bins)
	return e.Reliability, err
}
