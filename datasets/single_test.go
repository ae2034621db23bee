package datasets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestSingleImageHasThePixelsOfItsSet(t *testing.T) {
	for _, size := range []image.Point{{32, 32}, {80, 50}, {20, 31}} {
		picture := gradient(size.X, size.Y)
		var file bytes.Buffer
		fixture.Must(t, jpeg.Encode(&file, picture, nil))
		folder := fixture.Files{{"1.jpg", file.Bytes()}}.Folder(t, "own")
		set, err := OpenImages(t.Context(), folder, Options{Size: 32})
		fixture.Must(t, err)

		read, err := ReadImage(filepath.Join(folder, "1.jpg"), 32, 32)
		fixture.Must(t, err)
		decoded, err := DecodeImage(file.Bytes(), 32, 32)
		fixture.Must(t, err)
		picture, err = jpeg.Decode(&file)
		fixture.Must(t, err)
		for name, got := range map[string][]uint8{"ReadImage": read, "DecodeImage": decoded,
			"Pixels": Pixels(picture, 32, 32)} {
			if !bytes.Equal(got, set.Test.Pixels) {
				t.Errorf("%s of %v has other pixels than OpenImages", name, size)
			}
		}
	}
}

func TestPixelsAreRowsOfRedGreenBlue(t *testing.T) {
	picture := image.NewRGBA(image.Rect(5, 5, 8, 7)) // not at the origin
	picture.SetRGBA(6, 5, color.RGBA{10, 20, 30, 255})
	picture.SetRGBA(7, 6, color.RGBA{40, 50, 60, 255})
	got := Pixels(picture, 2, 3)
	want := []uint8{0, 0, 0, 10, 20, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 50, 60}
	if !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestEveryKindOfImageGivesItsColours encodes one plain colour, or its grey, in all ways that Go's encoders know.
func TestEveryKindOfImageGivesItsColours(t *testing.T) {
	bounds := image.Rect(0, 0, 40, 24)
	plain := color.NRGBA{200, 100, 50, 255}
	faint := color.NRGBA{200, 100, 50, 128}
	grey := []uint8{124, 124, 124}
	colours := []uint8{200, 100, 50}
	for _, test := range []struct {
		name    string
		picture interface {
			image.Image
			Set(x, y int, c color.Color)
		}
		fill color.Color
		want []uint8
	}{
		{"8 bits", image.NewRGBA(bounds), plain, colours},
		{"8 bits with transparency", image.NewNRGBA(bounds), faint, colours},
		{"16 bits", image.NewRGBA64(bounds), plain, colours},
		{"16 bits with transparency", image.NewNRGBA64(bounds), faint, colours},
		{"grey", image.NewGray(bounds), plain, grey},
		{"grey of 16 bits", image.NewGray16(bounds), plain, grey},
		{"palette", image.NewPaletted(bounds, color.Palette{color.Black, plain}), plain, colours},
		{"palette with transparency", image.NewPaletted(bounds, color.Palette{color.Transparent, faint}), faint, colours},
	} {
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				test.picture.Set(x, y, test.fill)
			}
		}
		var file bytes.Buffer
		fixture.Must(t, png.Encode(&file, test.picture))
		for _, size := range []image.Point{bounds.Max, {16, 16}, {50, 60}} {
			got, err := DecodeImage(file.Bytes(), size.Y, size.X)
			fixture.Must(t, err)
			for i := range got {
				if difference := int(got[i]) - int(test.want[i%3]); max(difference, -difference) > 1 {
					t.Errorf("%s as %v: pixel %d is %v, want %v", test.name, size, i/3, got[i/3*3:i/3*3+3], test.want)
					break
				}
			}
		}
	}
}

// TestJPEGsOfOtherPrograms reads files that Go cannot write, of a picture that is red on the left and blue on the
// right: progressive, in four printing colours, and grey.
func TestJPEGsOfOtherPrograms(t *testing.T) {
	for _, test := range []struct {
		file        string
		left, right []int
	}{
		{"progressive.jpg", []int{220, 30, 40}, []int{30, 50, 210}},
		{"cmyk.jpg", []int{220, 30, 40}, []int{30, 50, 210}},
		{"grey.jpg", []int{88, 88, 88}, []int{62, 62, 62}},
	} {
		got, err := ReadImage(filepath.Join("testdata", test.file), 32, 32)
		fixture.Must(t, err)
		for x, want := range map[int][]int{4: test.left, 27: test.right} {
			pixel := got[(16*32+x)*3:][:3]
			for channel := range want {
				if difference := int(pixel[channel]) - want[channel]; max(difference, -difference) > 6 {
					t.Errorf("%s: pixel %d is %v, want %v", test.file, x, pixel, want)
					break
				}
			}
		}
	}
}

func TestBadSingleImagesAreExplained(t *testing.T) {
	good := fixture.Write(t, "good.png", fixture.PNG(8, 8, 1, 2))
	text := fixture.Write(t, "notes.jpg", []byte("hello"))
	for _, test := range []struct {
		path          string
		height, width int
		want          []string
	}{
		{filepath.Join(t.TempDir(), "missing.jpg"), 8, 8, []string{"missing.jpg", "no such file"}},
		{filepath.Dir(good), 8, 8, []string{filepath.Dir(good), "is a directory"}},
		{text, 8, 8, []string{text, "not a JPEG, PNG or WebP"}},
		{good, 0, 8, []string{good, "8x0 pixels"}},
		{good, 8, 1 << 20, []string{good, "choose a width and height"}},
		{filepath.Join("testdata", "arithmetic.jpg"), 8, 8, []string{"arithmetic.jpg", "convert it"}},
	} {
		_, err := ReadImage(test.path, test.height, test.width)
		fixture.WantError(t, err, test.want...)
	}
}

func ExampleReadImage() {
	folder, err := os.MkdirTemp("", "images")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "red.png")
	if err := os.WriteFile(path, fixture.PNG(200, 100, 250, 20), 0o644); err != nil {
		panic(err)
	}
	pixels, err := ReadImage(path, 32, 32)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(pixels), pixels[:3])
	// Output: 3072 [250 20 100]
}

// gradient is a picture whose colours differ everywhere.
func gradient(width, height int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetRGBA(x, y, color.RGBA{uint8(255 * x / width), uint8(255 * y / height), uint8(x * y), 255})
		}
	}
	return picture
}
