package show

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image/jpeg"
	"image/png"
	"strings"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/reports"
	"github.com/dismax-go/dismax/reports/plot"
	"github.com/janpfeifer/gonb/gonbui"
)

// Plot shows a plot.
func Plot(p *plot.Plot, err error) {
	Check(err)
	display(picture(p))
}

// Plots shows plots side by side, or one below the other where the screen is narrow.
func Plots(plots ...*plot.Plot) {
	var pictures strings.Builder
	for _, p := range plots {
		pictures.WriteString(picture(p))
	}
	display(`<div style="display:flex;flex-wrap:wrap;align-items:flex-start">` + pictures.String() + "</div>")
}

// picture is the plot as pixels, which every viewer of notebooks shows. Plots have 192 dots per inch.
func picture(p *plot.Plot) string {
	drawn := Must(png.Decode(bytes.NewReader(Must(p.PNG()))))
	return imageElement("png", smallPNG(drawn), drawn.Bounds().Dx()/2, 0, p.Alt())
}

// draft is [picture] in more bytes and a quarter of the time, for one that another will soon replace.
func draft(p *plot.Plot) string {
	content := Must(p.PNG())
	size := Must(png.DecodeConfig(bytes.NewReader(content)))
	return imageElement("png", content, size.Width/2, 0, p.Alt())
}

// imageElement is an image that shrinks with the page, down to the narrowest width, all in pixels.
func imageElement(format string, content []byte, width, narrowest int, alt string) string {
	return fmt.Sprintf(`<img width="%d" style="max-width:100%%;min-width:%dpx;height:auto" alt="%s" src="data:image/%s;base64,%s">`,
		width, narrowest, html.EscapeString(alt), format, base64.StdEncoding.EncodeToString(content))
}

// photographQuality keeps photographs, which fill a stored notebook when they are PNG, at a fraction of that.
const photographQuality = 80

// narrowestGrid keeps captions readable on a telephone, where wider grids of images scroll.
const narrowestGrid = 640

// Images shows images in rows of so many columns, with captions below them or without. The text says what they are to
// those who cannot see them.
func Images(text string, images *datasets.Images, columns int, captions ...string) {
	grid := Must(plot.ImageGrid(images.Pixels, images.Len(), images.Height, images.Width, columns, captions))
	decoded := Must(png.Decode(bytes.NewReader(Must(grid.PNG()))))
	var content bytes.Buffer
	Check(jpeg.Encode(&content, decoded, &jpeg.Options{Quality: photographQuality}))
	if len(captions) > 0 {
		text += ": " + strings.Join(captions, ", ")
	}
	width := decoded.Bounds().Dx() / 2
	display(`<div style="overflow-x:auto">` +
		imageElement("jpeg", content.Bytes(), width, min(width, narrowestGrid), text) + "</div>")
}

// Table shows a comparison of runs.
func Table(results *reports.Results) { display(results.HTML()) }

// Grid shows rows of texts below a header. The first column is aligned to the left, the others to the right.
func Grid(header []string, rows ...[]string) { display(gridHTML(header, rows)) }

func gridHTML(header []string, rows [][]string) string {
	var table strings.Builder
	table.WriteString(`<div style="overflow-x:auto"><table>`)
	line := func(tag string, cells []string) {
		table.WriteString("<tr>")
		for i, cell := range cells {
			align := "right"
			if i == 0 {
				align = "left"
			}
			fmt.Fprintf(&table, `<%s style="text-align:%s">%s</%s>`, tag, align, html.EscapeString(cell), tag)
		}
		table.WriteString("</tr>\n")
	}
	line("th", header)
	for _, row := range rows {
		line("td", row)
	}
	table.WriteString("</table></div>")
	return table.String()
}

func display(content string) {
	gonbui.DisplayHTML(content)
	gonbui.Sync()
}
