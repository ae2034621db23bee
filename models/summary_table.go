package models

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
)

// String is a table of the layers, with the totals in its last row and in a sentence below.
func (s *Summary) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	row := func(name, kind, output, parameters, multiplyAdds string) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%10s\t%13s\n", name, shortKind.Replace(kind), output, parameters, multiplyAdds)
	}
	row("LAYER", "KIND", "OUTPUT", "PARAMETERS", "MULTIPLY-ADDS")
	for _, layer := range s.Layers {
		row(layer.Name, layer.Kind, joined(layer.Output), grouped(layer.Parameters), grouped(layer.MultiplyAdds))
	}
	row("total", "", strconv.Itoa(s.Features), grouped(s.Parameters), grouped(s.MultiplyAdds))
	w.Flush() // a strings.Builder takes all that is written
	fmt.Fprintf(&text, "\n%s parameters; %s multiply-adds and %d features for %dx%d pixels\n",
		grouped(s.Parameters), rounded(s.MultiplyAdds), s.Features, s.Size, s.Size)
	return text.String()
}

// shortKind makes the names of layers short, so that lines fit a terminal.
var shortKind = strings.NewReplacer("convolution", "conv", "batch normalization", "batch norm")

// joined writes dimensions as "32x32x16".
func joined(dimensions []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(dimensions), "[]"), " ", "x")
}

// grouped writes a number as "21,276,992", and 0 as "-".
func grouped(n int) string {
	switch {
	case n == 0:
		return "-"
	case n < 1000:
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// rounded writes a large number as "1.16 G" or "40.81 M".
func rounded(n int) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f G", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.2f M", float64(n)/1e6)
	}
	return grouped(n)
}
