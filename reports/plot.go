package reports

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Plot is a finished picture. It is drawn anew by each of SVG, PNG and the Save methods.
type Plot struct {
	// Title and Subtitle are the lines above the picture; they may be changed before it is drawn.
	Title, Subtitle string

	name          string // of its files, without extension
	width, height vg.Length
	legend        []legendEntry
	body          func(draw.Canvas) // draws below title and legend
}

// legendEntry is one name in the legend with the mark that it explains.
type legendEntry struct {
	label string
	mark  func(c draw.Canvas)
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

// Row returns one picture with the plots side by side, each at its own size, aligned at the top.
func Row(plots ...*Plot) (*Plot, error) {
	if len(plots) == 0 {
		return nil, fmt.Errorf("a row needs at least one plot")
	}
	row := &Plot{name: "row"}
	var names []string
	for _, p := range plots {
		row.width += p.width
		row.height = max(row.height, p.height)
		names = append(names, p.Title)
	}
	row.body = func(c draw.Canvas) {
		left := c.Min.X
		for _, p := range plots {
			tile := c
			tile.Min = vg.Point{X: left, Y: c.Max.Y - p.height}
			tile.Max = vg.Point{X: left + p.width, Y: c.Max.Y}
			p.draw(tile, false)
			left += p.width
		}
	}
	row.name = fileName(strings.Join(names, " "))
	return row, nil
}

// vector draws on an SVG canvas. Without a background the picture takes the colour of the page below it.
func (p *Plot) vector(background bool) ([]byte, error) {
	canvas := vgsvg.New(p.width, p.height)
	p.draw(draw.New(canvas), background)
	var content bytes.Buffer
	if _, err := canvas.WriteTo(&content); err != nil {
		return nil, err
	}
	// A notebook or page narrower than the picture shows it smaller.
	sized := bytes.Replace(content.Bytes(), []byte("<svg "), []byte(`<svg style="max-width:100%;height:auto" `), 1)
	return fitText(sized), nil
}

var textElement = regexp.MustCompile(`(<text )([^>]*font-family:)Liberation Sans(;[^>]*font-weight:(\w+);[^>]*` +
	`font-size:([\d.]+)px[^>]*>)([^<]*)</text>`)

// fitText names faces that stand in where the plot's own is not installed, and fixes the width of each text, so that
// with any of them it ends where it was meant to.
func fitText(document []byte) []byte {
	return textElement.ReplaceAllFunc(document, func(element []byte) []byte {
		m := textElement.FindSubmatch(element)
		size, err := strconv.ParseFloat(string(m[5]), 64)
		if err != nil {
			return element
		}
		width := typeface(vg.Length(size), ink, string(m[4]) == "bold").Width(html.UnescapeString(string(m[6])))
		return fmt.Appendf(nil, `%stextLength="%.2f" lengthAdjust="spacingAndGlyphs" %s'Liberation Sans',Arial,Helvetica,`+
			`sans-serif%s%s</text>`, m[1], width.Points(), m[2], m[3], m[6])
	})
}

// draw paints background, title, subtitle, legend and body from top to bottom.
func (p *Plot) draw(c draw.Canvas, background bool) {
	if background {
		c.SetColor(surface)
		c.Fill(c.Rectangle.Path())
	}
	if p.Title == "" && p.legend == nil {
		p.body(c)
		return
	}
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c.Max.Y = drawLine(c, typeface(titleSize, ink, true), p.Title)
	if p.Subtitle != "" {
		c.Max.Y = drawLine(c, typeface(textSize, muted, false), p.Subtitle)
	}
	c.Max.Y = drawLegend(c, p.legend)
	c.Max.Y -= 4
	p.body(c)
}

// drawLine writes a line of text at the top of the canvas and returns the height at which the rest begins. A line that
// is too long for the canvas is set smaller, down to three quarters, and then cut short.
func drawLine(c draw.Canvas, style draw.TextStyle, line string) vg.Length {
	size := style.Font.Size
	if wanted, there := style.Width(line), c.Max.X-c.Min.X; wanted > there {
		style.Font.Size *= max(there/wanted, 0.75)
	}
	c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y - size}, shorten(style, line, c.Max.X-c.Min.X))
	return c.Max.Y - size*1.4
}

// shorten cuts the text so that it is no wider than given.
func shorten(style draw.TextStyle, text string, width vg.Length) string {
	whole := []rune(text)
	for keep := len(whole) - 1; keep > 0 && style.Width(text) > width; keep-- {
		text = string(whole[:keep]) + "…"
	}
	return text
}

const (
	markWidth  = vg.Length(16)
	legendLine = vg.Length(15)
)

// drawLegend sets the entries in lines from left to right and returns the height at which the rest begins.
func drawLegend(c draw.Canvas, entries []legendEntry) vg.Length {
	if len(entries) == 0 {
		return c.Max.Y
	}
	style := typeface(textSize, ink, false)
	x, top := c.Min.X, c.Max.Y-3
	for _, entry := range entries {
		label := shorten(style, entry.label, c.Max.X-c.Min.X-markWidth-5)
		width := markWidth + 5 + style.Width(label)
		if x > c.Min.X && x+width > c.Max.X {
			x, top = c.Min.X, top-legendLine
		}
		box := c
		box.Min = vg.Point{X: x, Y: top - textSize}
		box.Max = vg.Point{X: x + markWidth, Y: top}
		entry.mark(box)
		c.FillText(style, vg.Point{X: x + markWidth + 5, Y: top - textSize}, label)
		x += width + 14
	}
	return top - legendLine
}

// lineMark is a legend mark: a piece of a line.
func lineMark(style draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		y := c.Center().Y
		c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
	}
}

// areaMark is a legend mark: a filled box with a line above, as in a histogram.
func areaMark(fill color.Color, outline draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.Min.Y, c.Max.Y = c.Min.Y+1.5, c.Max.Y-2.5
		c.SetColor(fill)
		c.Fill(c.Rectangle.Path())
		c.StrokeLine2(outline, c.Min.X, c.Max.Y, c.Max.X, c.Max.Y)
	}
}

// fileName makes a file name of words: lower case, with hyphens for all but letters, digits, dots and underscores.
func fileName(words string) string {
	var name strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_':
			name.WriteRune(r)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}
	return filepath.Base(strings.Trim(name.String(), "-."))
}
