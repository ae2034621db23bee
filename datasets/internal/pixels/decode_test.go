package pixels

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// pngClaiming is the header of a PNG file that claims this size, bits a sample, kind of colour and interlacing.
func pngClaiming(width, height uint32, depth, colour, interlaced uint8) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, depth, colour, 0, 0, interlaced)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

// jpegClaiming is a JPEG file up to its first scan, of a frame with this marker, size and sampling factors.
func jpegClaiming(marker uint8, width, height uint16, sampling ...uint8) []byte {
	file := []byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01") // colours in luminance and differences
	file = append(file, 0xff, marker)
	file = binary.BigEndian.AppendUint16(file, uint16(8+3*len(sampling)))
	file = append(file, 8)
	file = binary.BigEndian.AppendUint16(file, height)
	file = binary.BigEndian.AppendUint16(file, width)
	file = append(file, uint8(len(sampling)))
	for i, factors := range sampling {
		file = append(file, uint8(i+1), factors, 0)
	}
	return append(file, "\xff\xda\x00\x02"...)
}

func TestImagesThatTakeTooMuchMemoryAreRefused(t *testing.T) {
	const baseline, progressive = 0xc0, 0xc2
	for _, test := range []struct {
		name  string
		data  []byte
		limit int64
		want  string // of the memory that it takes; empty if it is decoded, and found to be cut short
	}{
		{"beyond all sense", pngClaiming(1<<27, 1<<27, 8, 2, 0), 0, "TB"},
		{"PNG, 16 bits", pngClaiming(8192, 8192, 16, 2, 0), 0, "545 MB"},
		{"PNG, 16 bits, transparent, interlaced", pngClaiming(8192, 8192, 16, 6, 1), 0, "1.1 GB"},
		{"PNG as from a camera", pngClaiming(6000, 4000, 8, 2, 0), 0, ""},
		{"PNG of one row", pngClaiming(1<<25, 1, 8, 2, 0), 0, "403 MB"},
		{"JPEG in four colours, progressive", jpegClaiming(progressive, 8192, 8192, 0x11, 0x11, 0x11, 0x11), 0, "1.6 GB"},
		{"JPEG in full colour, progressive", jpegClaiming(progressive, 8192, 8192, 0x11, 0x11, 0x11), 0, "1.0 GB"},
		{"JPEG as from a camera", jpegClaiming(baseline, 9000, 6000, 0x22, 0x11, 0x11), 0, ""},
		{"JPEG as from a camera, progressive", jpegClaiming(progressive, 6000, 4000, 0x22, 0x11, 0x11), 0, ""},
		{"a raised limit", pngClaiming(8192, 8192, 16, 2, 0), 1 << 30, ""},
		{"a low limit", pngClaiming(100, 100, 8, 2, 0), 10_000, "143 kB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			target := Target{Height: 32, Width: 32, MemoryLimit: test.limit}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := target.Decode(make([]uint8, 32*32*3), test.data)
			runtime.ReadMemStats(&after)
			tooLarge, refused := errors.AsType[*bounded.TooLarge](err)
			if test.want == "" {
				if refused || err == nil {
					t.Errorf("got %v, want the error of an image that is cut short", err)
				}
				return
			}
			fixture.WantError(t, err, test.want, "the limit is", "pixels")
			if taken := after.TotalAlloc - before.TotalAlloc; refused && taken > 1<<20 {
				t.Errorf("took %d bytes before it refused an image of %d", taken, tooLarge.Bytes)
			}
		})
	}
}

// TestMemoryIsEstimatedFromAbove compares the estimate with all that decoding allocates.
func TestMemoryIsEstimatedFromAbove(t *testing.T) {
	bounds := image.Rect(0, 0, 600, 500)
	files := make(map[string][]byte)
	for name, picture := range map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"grey": image.NewGray(bounds), "RGB": image.NewRGBA(bounds), "grey of 16 bits": image.NewGray16(bounds),
		"transparent": image.NewNRGBA(bounds),
		"palette":     image.NewPaletted(bounds, color.Palette{color.Black, color.Transparent}),
	} {
		for i := range 500 {
			picture.Set(i, i, color.NRGBA{uint8(i), 100, 50, uint8(255 - i%3)})
		}
		var file bytes.Buffer
		fixture.Must(t, png.Encode(&file, picture))
		files["PNG, "+name] = file.Bytes()
	}
	for name, picture := range map[string]image.Image{"colour": image.NewRGBA(bounds), "grey": image.NewGray(bounds)} {
		var file bytes.Buffer
		fixture.Must(t, jpeg.Encode(&file, picture, nil))
		files["JPEG, "+name] = file.Bytes()
	}
	for _, name := range []string{"progressive.jpg", "cmyk.jpg", "grey.jpg"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
		fixture.Must(t, err)
		files[name] = data
	}
	for name, data := range files {
		for _, size := range []int{32, 500} {
			target, to := Target{Height: size, Width: size}, make([]uint8, size*size*3)
			header, err := decodeHeader(data)
			fixture.Must(t, err)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err = target.Decode(to, data)
			runtime.ReadMemStats(&after)
			fixture.Must(t, err)
			const fixed = 1 << 18 // of tables and readers, and of the last blocks of small images
			want := int64(after.TotalAlloc-before.TotalAlloc) - int64(size*size*4) - fixed
			if got := target.memory(data, header); got < want {
				t.Errorf("%s to %d pixels: estimated %d bytes, and it took %d", name, size, got, want)
			}
		}
	}
}

func TestEveryTruncatedImageIsNoticed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	picture := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(random.Uint32()) | uint8(i%4/3*255)
	}
	var jpegFile, pngFile bytes.Buffer
	fixture.Must(t, jpeg.Encode(&jpegFile, picture, nil))
	fixture.Must(t, png.Encode(&pngFile, picture))
	progressive, err := os.ReadFile(filepath.Join("..", "..", "testdata", "progressive.jpg"))
	fixture.Must(t, err)
	for name, whole := range map[string][]byte{"JPEG": jpegFile.Bytes(), "PNG": pngFile.Bytes(), "progressive": progressive} {
		target := Target{Height: 32, Width: 32}
		to := make([]uint8, 32*32*3)
		for length := range whole {
			if _, err := target.Decode(to, whole[:length]); err == nil {
				t.Errorf("%s: the first %d of %d bytes are decoded without an error", name, length, len(whole))
			}
			if err := target.DecodePart(to, whole[:length], random); err == nil {
				t.Errorf("%s: the first %d of %d bytes are decoded in part without an error", name, length, len(whole))
			}
		}
	}
}

// FuzzDecode decodes any bytes as an image.
func FuzzDecode(f *testing.F) {
	f.Add(fixture.JPEG(8, 8, 1, 2))
	f.Add(fixture.PNG(9, 7, 1, 2))
	f.Add(pngClaiming(60000, 60000, 8, 2, 0))
	f.Add(jpegClaiming(0xc2, 16, 8, 0x22, 0x11, 0x11))
	f.Fuzz(func(t *testing.T, data []byte) {
		to := make([]uint8, 8*8*3)
		target := Target{Height: 8, Width: 8, MemoryLimit: 1 << 18}
		if _, err := target.Decode(to, data); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without words")
		}
	})
}

func TestFormatNamesTheKindOfImage(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 4, 4))
	var coloured, grey, lossless bytes.Buffer
	fixture.Must(t, jpeg.Encode(&coloured, picture, nil))
	fixture.Must(t, jpeg.Encode(&grey, image.NewGray(picture.Rect), nil))
	fixture.Must(t, png.Encode(&lossless, picture))
	for want, data := range map[string][]byte{
		"JPEG 4:2:0": coloured.Bytes(), "JPEG": grey.Bytes(), "PNG": lossless.Bytes(), "": []byte("no image"),
	} {
		if got := (Target{}).Format(data); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
