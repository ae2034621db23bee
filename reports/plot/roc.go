package plot

// ROC plots curves of the share of accepted in-distribution images, Y, against the share of accepted out-of-distribution
// images, X, for all thresholds of a score. Both are shares in [0, 1]. A dashed diagonal shows chance.
func ROC(title, subtitle string, curves ...Curve) (*Plot, error) {
	chart := Chart{Title: title, Subtitle: subtitle,
		X: unit("accepted out-of-distribution images"), Y: unit("accepted in-distribution images")}
	chance := Curve{X: []float64{0, 1}, Y: []float64{0, 1}, Reference: true}
	p, err := Curves(chart, append([]Curve{chance}, curves...)...)
	if err != nil {
		return nil, err
	}
	return p.Resized(360, 380), nil
}
