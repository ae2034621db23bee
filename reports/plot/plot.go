package plot

import (
	"bytes"
	"fmt"
	"os"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Plot is a finished picture. It is drawn anew by each of SVG, PNG and the Save methods.
type Plot struct {
	// Title and Subtitle are the lines above the picture; they may be changed before it is drawn.
	Title, Subtitle string

	width, height vg.Length
	x, y          string   // labels of the axes
	rows          []string // names beside the data, from the top
	legend        []legendEntry
	body          func(draw.Canvas) // draws below title and legend
	parts         []*Plot           // of a row
}

// SVG returns the picture as an SVG document with a white background. Text stays text.
func (p *Plot) SVG() ([]byte, error) {
	document, err := p.vector(true)
	if err != nil {
		return nil, fmt.Errorf("drawing %q as SVG: %w", p.Title, err)
	}
	return document, nil
}

// PNG returns the picture as a PNG image with 192 dots per inch: crisp on screens with twice the usual density.
func (p *Plot) PNG() ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(192))
	p.draw(draw.New(canvas), true)
	var content bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&content); err != nil {
		return nil, fmt.Errorf("drawing %q as PNG: %w", p.Title, err)
	}
	return content.Bytes(), nil
}

// SaveSVG writes the picture of SVG to the file.
func (p *Plot) SaveSVG(path string) error { return save(path, p.SVG) }

// SavePNG writes the picture of PNG to the file.
func (p *Plot) SavePNG(path string) error { return save(path, p.PNG) }

func save(path string, render func() ([]byte, error)) error {
	content, err := render()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return fmt.Errorf("saving the plot: %w", err)
	}
	return nil
}

// Resized returns the same picture in another size, in points of 1/72 inch; 0 keeps the width or the height. Axes grow
// or shrink, text does not. It is not for rows and photographs, whose size is that of their parts.
func (p *Plot) Resized(width, height float64) *Plot {
	resized := *p
	if width > 0 {
		resized.width = vg.Length(width)
	}
	if height > 0 {
		resized.height = vg.Length(height)
	}
	return &resized
}
