// Package check holds what the tests of the reports and their plots look for: well-formed pictures, texts and errors.
package check

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
)

// SVG returns the document of a plot without error, which must be well-formed and hold finite coordinates only.
func SVG(t *testing.T, p interface{ SVG() ([]byte, error) }, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	svg, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
	}
	if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
		t.Errorf("the SVG holds coordinates that are not finite")
	}
	return string(svg)
}

// PNG returns the picture of a plot.
func PNG(t *testing.T, p interface{ PNG() ([]byte, error) }) image.Image {
	t.Helper()
	content, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// Holds wants each of the parts in the text.
func Holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("want %q in\n%.1500s", part, text)
		}
	}
}

// Error wants an error with each of the parts.
func Error(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one with %q", parts)
	}
	Holds(t, err.Error(), parts...)
}
