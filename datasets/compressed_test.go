package datasets

import (
	"bytes"
	"image/jpeg"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestCompressedSizesAreThoseOfJPEGFiles(t *testing.T) {
	set, err := Open(t.Context(), "synthetic", Options{TrainLimit: 1, TestLimit: 20})
	fixture.Must(t, err)
	got, err := set.Test.CompressedSizes(t.Context())
	fixture.Must(t, err)
	var want []float64
	for i := range set.Test.Len() {
		var file bytes.Buffer
		fixture.Must(t, jpeg.Encode(&file, pictureOf(set.Test.At(i), 32, 32), nil))
		want = append(want, float64(file.Len()))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBusierImagesHaveLargerCompressedSizes(t *testing.T) {
	images := newImages(2, 16, 16, false) // the first stays black
	for i := range images.At(1) {
		images.At(1)[i] = uint8(i * 7919 % 251)
	}
	sizes, err := images.CompressedSizes(t.Context())
	fixture.Must(t, err)
	if sizes[1] < sizes[0]+50 {
		t.Errorf("got %g bytes for a black image and %g for noise", sizes[0], sizes[1])
	}
}

func TestADataSetSaysWhatItsImageFilesAre(t *testing.T) {
	set, err := Open(t.Context(), cifarFixtures(1).Folder(t, "cifar10"), Options{})
	fixture.Must(t, err)
	if set.Format != "JPEG 4:2:0" {
		t.Errorf("a folder: got format %q, want JPEG 4:2:0", set.Format)
	}
	made, err := Open(t.Context(), "synthetic", Options{TrainLimit: 1, TestLimit: 1})
	fixture.Must(t, err)
	if made.Format != "" {
		t.Errorf("images that are made: got format %q, want none", made.Format)
	}
}
