package metrics

import "fmt"

// Convention names one of two sets of definitions behind the detection metrics. The paper's code and the rest of the
// field differ in how equal scores count, where a precision-recall curve ends and what "at 95%" means. The zero
// Convention is neither: the caller chooses.
type Convention int

const (
	// PaperConvention is what the published code computes, and so what the paper's tables hold. It goes through the
	// scores one by one. Of equal scores it takes the in-distribution ones to be the smaller, which counts ties
	// against the detector: if all scores are equal, AUROC is 0.
	PaperConvention Convention = iota + 1

	// FieldConvention is what scikit-learn, OpenOOD and pytorch-ood compute. It goes through the distinct scores: a
	// threshold never separates equal ones, and if all are equal, AUROC is 0.5.
	FieldConvention
)

// Conventions lists both, the paper's first.
func Conventions() []Convention { return []Convention{PaperConvention, FieldConvention} }

// ConventionByName returns the convention whose String is the name.
func ConventionByName(name string) (Convention, error) {
	for _, c := range Conventions() {
		if c.String() == name {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown convention %q: choose %q or %q", name, PaperConvention, FieldConvention)
}

// String returns "paper" or "field": the name that records and the command line use.
func (c Convention) String() string {
	switch c {
	case PaperConvention:
		return "paper"
	case FieldConvention:
		return "field"
	}
	return fmt.Sprintf("Convention(%d)", int(c))
}

// Explain says in a sentence what the convention's numbers mean, for a report to print below a table.
func (c Convention) Explain() string {
	switch c {
	case PaperConvention:
		return "Published code of the paper: ties count against the detector; AUPR by the trapezoid that ends at " +
			"precision 0; TNR95 at the true positive rate nearest 95%, in-distribution positive; FPR95 = 1 - TNR95."
	case FieldConvention:
		return "scikit-learn, OpenOOD, pytorch-ood: ties count half; AUPR by the trapezoid that starts at precision 1; " +
			"TNR95 at the first true positive rate of at least 95%, in-distribution positive; " +
			"FPR95 likewise, but with out-of-distribution positive."
	}
	return c.String()
}
