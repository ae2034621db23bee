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
	reliability := o.reliability(bins)
	return Evaluation{
		Rows:                len(o.correct),
		Accuracy:            mean(o.correct),
		NLL:                 mean(o.nll),
		Brier:               mean(o.brier),
		ECE:                 expectedError(reliability),
		MCE:                 maximumError(reliability),
		OverconfidenceError: overconfidenceError(reliability),
		Reliability:         reliability,
	}, nil
}

// Accuracy is the share of rows whose largest logit is the label's. Of equal logits the first counts, as in NumPy and
// PyTorch. No temperature changes it.
func Accuracy(logits Logits, labels []int32) (float64, error) {
	if err := logits.Check(labels); err != nil {
		return 0, err
	}
	correct := 0
	for i, label := range labels {
		if argMax(logits.Row(i)) == int(label) {
			correct++
		}
	}
	return float64(correct) / float64(len(labels)), nil
}

// NLL is the negative log-likelihood in nats, the mean over the rows of -log p(label): the cross entropy at the
// temperature of the logits and with entropic scale 1.
func NLL(logits Logits, labels []int32) (float64, error) {
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return 0, err
	}
	return mean(o.nll), nil
}

// Brier is the mean over the rows of the sum over the classes of (p(class) - [class = label])², between 0 and 2.
// Beware of its sibling for two classes, which sums over one class only and is half as large.
func Brier(logits Logits, labels []int32) (float64, error) {
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return 0, err
	}
	return mean(o.brier), nil
}
