package plot

import (
	"bytes"
	"testing"
)

func TestAPDFIsTheSameForTheSamePicture(t *testing.T) {
	p, err := Curves(Chart{Title: "Share ± 1", X: Axis{Label: "x", To: 1}, Y: Axis{Label: "y", To: 1}},
		Curve{Name: "line", X: []float64{0, 1}, Y: []float64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.PDF()
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the second file differs from the first")
	}
	if !bytes.HasPrefix(first, []byte("%PDF-")) || len(first) < 2000 {
		t.Errorf("got %d bytes that begin with %q", len(first), first[:min(8, len(first))])
	}
	if dates := dateInPDF.FindAll(first, -1); len(dates) != 2 || string(dates[0]) != "(D:20000101000000)" {
		t.Errorf("got dates %q, want that of no day, twice", dates)
	}
}
