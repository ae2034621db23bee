package plot

import (
	"fmt"
	"image"
	"strings"

	xdraw "golang.org/x/image/draw"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// All lengths of the grid are whole numbers of dots at 192 dots per inch.
const (
	tileWidth     = vg.Length(72)
	tileDots      = 192
	tileGap       = vg.Length(6)
	captionHeight = vg.Length(15)
)

// ImageGrid shows the first count images of pixels, uint8 [count, height, width, 3], from left to right in rows of so
// many columns, enlarged with smooth interpolation. Captions stand below their images; there may be fewer of them than
// images, or none.
func ImageGrid(pixels []uint8, count, height, width, columns int, captions []string) (*Plot, error) {
	if count < 1 || height < 1 || width < 1 || columns < 1 {
		return nil, fmt.Errorf("image grid: %d images of %dx%d pixels in %d columns: all must be at least 1",
			count, height, width, columns)
	}
	if size := height * width * 3; len(pixels)/size < count {
		return nil, fmt.Errorf("image grid: %d values are too few for %d images of %dx%d pixels in 3 colours, they need %d",
			len(pixels), count, height, width, count*size)
	}
	columns = min(columns, count)
	rows := (count + columns - 1) / columns
	dots := image.Rect(0, 0, tileDots, max(1, tileDots*height/width))
	tileHeight := tileWidth * vg.Length(dots.Dy()) / tileDots
	lineHeight := tileHeight + tileGap
	captionLines := 0
	for _, caption := range captions {
		captionLines = max(captionLines, 1+strings.Count(caption, "\n"))
	}
	lineHeight += vg.Length(captionLines) * captionHeight
	tiles := make([]image.Image, count)
	for i := range tiles {
		tiles[i] = enlarge(rgbImage(pixels[i*height*width*3:], height, width), dots)
	}
	body := func(c draw.Canvas) {
		for i, tile := range tiles {
			left := c.Min.X + tileGap + vg.Length(i%columns)*(tileWidth+tileGap)
			top := c.Max.Y - tileGap - vg.Length(i/columns)*lineHeight
			c.DrawImage(vg.Rectangle{
				Min: vg.Point{X: left, Y: top - tileHeight}, Max: vg.Point{X: left + tileWidth, Y: top}}, tile)
			if i < len(captions) {
				drawCaption(c, vg.Point{X: left + tileWidth/2, Y: top - tileHeight + 2}, captions[i])
			}
		}
	}
	return &Plot{
		width: vg.Length(columns)*(tileWidth+tileGap) + tileGap, height: vg.Length(rows)*lineHeight + tileGap,
		body: body,
	}, nil
}

// drawCaption centres the lines of text below the point; one that is wider than an image is cut short.
func drawCaption(c draw.Canvas, at vg.Point, text string) {
	style := typeface(textSize, muted, false)
	style.XAlign = draw.XCenter
	for line := range strings.Lines(text) {
		at.Y -= captionHeight
		c.FillText(style, at, shorten(style, strings.TrimSuffix(line, "\n"), tileWidth+tileGap/2))
	}
}

// rgbImage copies one image of [height, width, 3] values.
func rgbImage(pixels []uint8, height, width int) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range height * width {
		copy(picture.Pix[4*i:], pixels[3*i:3*i+3])
		picture.Pix[4*i+3] = 0xFF
	}
	return picture
}

func enlarge(picture image.Image, to image.Rectangle) image.Image {
	result := image.NewRGBA(to)
	xdraw.CatmullRom.Scale(result, to, picture, picture.Bounds(), xdraw.Src, nil)
	return result
}
