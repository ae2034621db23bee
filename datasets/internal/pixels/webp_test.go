package pixels

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readTestdata reads a file, and the pixels that Pillow, with libwebp and libjpeg, decoded of it.
func readTestdata(t *testing.T, name, decoded string) (data, want []uint8, height, width int) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	reference, err := os.ReadFile(filepath.Join("testdata", decoded))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(reference))
	if err != nil {
		t.Fatal(err)
	}
	height, width = picture.Bounds().Dy(), picture.Bounds().Dx()
	want = make([]uint8, height*width*Channels)
	copyRGB(want, picture)
	return data, want, height, width
}

func TestImagesAreThoseThatPillowDecodes(t *testing.T) {
	for _, test := range []struct {
		name, decoded string
		apart         int // at most, of a colour
	}{
		{"lossy.webp", "lossy.png", 1},
		{"lossless.webp", "lossless.png", 0},
		{"alpha.webp", "alpha.png", 1},
		{"oriented.webp", "oriented-webp.png", 0},
		{"oriented.jpg", "oriented-jpg.png", 2},
	} {
		data, want, height, width := readTestdata(t, test.name, test.decoded)
		got := make([]uint8, len(want))
		if _, err := (Target{Height: height, Width: width, Exact: true}).Decode(got, data); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for i := range got {
			if apart := max(int(got[i])-int(want[i]), int(want[i])-int(got[i])); apart > test.apart {
				t.Errorf("%s: row %d, column %d, channel %d is %d, want %d up to %d",
					test.name, i/Channels/width, i/Channels%width, i%Channels, got[i], want[i], test.apart)
				break
			}
		}
	}
}

func TestDamagedWebPIsAnError(t *testing.T) {
	data, want, height, width := readTestdata(t, "lossy.webp", "lossy.png")
	for _, cut := range []int{12, 20, 40, len(data) / 2} {
		_, err := Target{Height: height, Width: width}.Decode(want, data[:cut])
		if err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("cut after %d bytes: got error %v, want one that says it is damaged", cut, err)
		}
	}
}
