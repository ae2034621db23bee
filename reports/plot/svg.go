package plot

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

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

// Inline returns the picture as an <svg> element for a page of HTML: without a background, with [Plot.Alt] as its
// label for screen readers, and with colours of text and axes that the page sets in the CSS variables --ink, --muted
// and --faint.
func (p *Plot) Inline() (string, error) {
	document, err := p.vector(false)
	if err != nil {
		return "", fmt.Errorf("drawing %q as SVG: %w", p.Title, err)
	}
	start := bytes.Index(document, []byte("<svg"))
	end := start + bytes.IndexByte(document[start:], '>')
	opening := fmt.Sprintf(`<svg viewBox="0 0 %g %g" style="max-width:%gpx" role="img" aria-label="%s">`,
		p.width, p.height, p.width*1.28, html.EscapeString(p.Alt()))
	return opening + themed.Replace(string(document[end+1:])), nil
}

// Alt says what is drawn to those who cannot see it: title and subtitle, what the axes show, and the names of the rows and
// of the legend, of all parts of a row.
func (p *Plot) Alt() string {
	var sentences []string
	for _, part := range p.parts {
		sentences = append(sentences, part.Alt())
	}
	say := func(what, text string) {
		if text != "" {
			sentences = append(sentences, what+strings.TrimSuffix(text, ".")+".")
		}
	}
	say("", p.Title)
	say("", p.Subtitle)
	say("Horizontal axis: ", p.x)
	say("Vertical axis: ", p.y)
	say("Rows: ", strings.Join(p.rows, "; "))
	var names []string
	for _, entry := range p.legend {
		names = append(names, entry.label)
	}
	say("Shown: ", strings.Join(names, "; "))
	return strings.Join(sentences, " ")
}

// themed lets the page set the colours of ink, muted and faint.
var themed = strings.NewReplacer("#1F2328", "var(--ink)", "#59636E", "var(--muted)", "#E4E8EC", "var(--faint)",
	"xlink:href", "href", "\n\t", " ")
