package plot

import (
	"bytes"
	"fmt"
	"regexp"

	"codeberg.org/go-pdf/fpdf"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgpdf"
)

// PDF returns the picture as a file of one page, with its font embedded, for documents in LaTeX. Titles are not bold in
// it. The same picture gives the same bytes.
func (p *Plot) PDF() ([]byte, error) {
	canvas := pdfCanvas{vgpdf.New(p.width, p.height), fpdf.New("", "", "", "").UnicodeTranslatorFromDescriptor("")}
	p.draw(draw.New(canvas), true)
	var content bytes.Buffer
	if _, err := canvas.WriteTo(&content); err != nil {
		return nil, fmt.Errorf("drawing %q as PDF: %w", p.Title, err)
	}
	return dateInPDF.ReplaceAll(content.Bytes(), []byte("(D:20000101000000)")), nil
}

// SavePDF writes the picture of PDF to the file.
func (p *Plot) SavePDF(path string) error { return save(path, p.PDF) }

// dateInPDF is when the file was made, in as many bytes as any other date.
var dateInPDF = regexp.MustCompile(`\(D:\d{14}\)`)

// Without order, parts of a file stand in that of a map.
func init() { fpdf.SetDefaultCatalogSort(true) }

// pdfCanvas makes up for what vgpdf cannot do: it takes text in the code page 1252, and embeds a single font.
type pdfCanvas struct {
	*vgpdf.Canvas
	encode func(string) string
}

// FillString implements vg.Canvas.
func (c pdfCanvas) FillString(face font.Face, at vg.Point, text string) {
	if face.Font.Weight == xfont.WeightBold {
		plain := face.Font
		plain.Weight = xfont.WeightNormal
		face = font.DefaultCache.Lookup(plain, plain.Size)
	}
	c.Canvas.FillString(face, at, c.encode(text))
}
