package datasets

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// svhnPixels are images in MATLAB's order: row y and column x have the red y, the green x and the blue of the image.
func svhnPixels(count int) []byte {
	var data []byte
	for image := range count {
		for channel := range 3 {
			for x := range 32 {
				for y := range 32 {
					data = append(data, []uint8{uint8(y), uint8(x), uint8(image)}[channel])
				}
			}
		}
	}
	return data
}

// svhnFile is a file of count images with the labels 1 to 10 in turn, as it is published: packed.
func svhnFile(count int) []byte {
	order := binary.LittleEndian
	labels := make([]byte, count)
	for i := range labels {
		labels[i] = uint8(1 + i%10)
	}
	return fixture.MATFile(order,
		fixture.MATPacked(order, fixture.MATArray(order, "X", []int32{32, 32, 3, int32(count)}, fixture.MATUint8, svhnPixels(count))),
		fixture.MATPacked(order, fixture.MATArray(order, "y", []int32{int32(count), 1}, fixture.MATUint8, labels)))
}

func TestSVHN(t *testing.T) {
	files := fixture.Files{{svhnTrain, svhnFile(40)}, {svhnTest, svhnFile(20)}}
	for _, name := range []string{"svhn", "data"} {
		set, err := Open(t.Context(), "svhn", Options{Data: files.Folder(t, name), TrainLimit: 30, ValidationShare: 1. / 3})
		fixture.Must(t, err)
		if set.Train.Len() != 20 || set.Validation.Len() != 10 || set.Test.Len() != 20 {
			t.Fatalf("got %s, want 20, 10 and 20 images", set)
		}
		if got := set.Test.Labels[:11]; !slices.Equal(got, []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}) {
			t.Errorf("labels %v, want 1 to 9, 0, 1", got)
		}
		image := set.Test.At(7)
		for i := range 32 * 32 {
			if want := []uint8{uint8(i / 32), uint8(i % 32), 7}; !slices.Equal(image[3*i:3*i+3], want) {
				t.Fatalf("row %d, column %d is %v, want %v", i/32, i%32, image[3*i:3*i+3], want)
			}
		}
	}
	set, err := Open(t.Context(), "svhn", Options{Data: files[1:].Folder(t, "svhn"), TestOnly: true, TestLimit: 5})
	fixture.Must(t, err)
	if set.Test.Len() != 5 || set.Test.Labels != nil {
		t.Errorf("got %s, want 5 test images without labels", set)
	}
	_, err = Open(t.Context(), "svhn", Options{Data: files[1:].Folder(t, "svhn")})
	fixture.WantError(t, err, "holds no train_32x32.mat")
}

func TestDamagedMATFilesAreExplained(t *testing.T) {
	order := binary.LittleEndian
	array := func(dimensions []int32, kind uint32, data []byte) []byte {
		return fixture.MATFile(order, fixture.MATArray(order, "y", dimensions, kind, data))
	}
	whole := svhnFile(2)
	hdf := slices.Clone(whole)
	hdf[125] = 2
	declared := fixture.MATFile(order, order.AppendUint32(order.AppendUint32(nil, 14), 1<<31))
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "cut short"},
		{"text", []byte(strings.Repeat("hello ", 50)), "at byte 126"},
		{"version 7.3", hdf, "-v7"},
		{"cut in the packed data", whole[:300], "packed data at byte 136"},
		{"cut in a tag", whole[:131], "at byte 128: the file is cut short"},
		{"large declaration", declared, "at byte 136: an array is cut short"},
		{"too many numbers", array([]int32{1 << 30, 1 << 30}, fixture.MATUint8, nil), "more than"},
		{"negative dimension", array([]int32{-1, 1}, fixture.MATUint8, nil), "more than"},
		{"missing numbers", array([]int32{3, 1}, fixture.MATUint8, []byte{1, 2}), "2 numbers for the dimensions [3 1]"},
		{"fraction", array([]int32{1, 1}, fixture.MATFloat64, order.AppendUint64(nil, math.Float64bits(0.5))),
			"number 0 is 0.5"},
		{"complex type", array([]int32{1, 1}, 77, []byte{1}), "type 77"},
		{"no images", array([]int32{1, 1}, fixture.MATUint8, []byte{1}), "array X has the dimensions []"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseSVHN(bytes.NewReader(test.data), 1<<20)
			fixture.WantError(t, err, test.want)
		})
	}
}
