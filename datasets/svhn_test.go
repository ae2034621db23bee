package datasets

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// byteOrder is what both orders of the standard library are.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// matFile joins the header of a MAT file and elements.
func matFile(order byteOrder, elements ...[]byte) []byte {
	file := make([]byte, 124)
	copy(file, "MATLAB 5.0 MAT-file, made for a test")
	file = order.AppendUint16(file, 0x0100)
	file = order.AppendUint16(file, 'M'<<8|'I')
	return append(file, bytes.Join(elements, nil)...)
}

// matElement is an element of a type; those of up to four bytes are written in the short form.
func matElement(order byteOrder, kind uint32, data []byte) []byte {
	if len(data) <= 4 && kind < matMatrix {
		short := order.AppendUint32(nil, uint32(len(data))<<16|kind)
		return append(append(short, data...), make([]byte, 4-len(data))...)
	}
	element := order.AppendUint32(nil, kind)
	element = append(order.AppendUint32(element, uint32(len(data))), data...)
	if kind != matCompressed {
		element = append(element, make([]byte, -len(data)&7)...)
	}
	return element
}

// matArrayElement is an array.
func matArrayElement(order byteOrder, name string, dimensions []int32, kind uint32, data []byte) []byte {
	var sizes []byte
	for _, dimension := range dimensions {
		sizes = order.AppendUint32(sizes, uint32(dimension))
	}
	return matElement(order, matMatrix, slices.Concat(
		matElement(order, matUint32, order.AppendUint32(order.AppendUint32(nil, 9), 0)), // flags: class uint8
		matElement(order, matInt32, sizes),
		matElement(order, matInt8, []byte(name)),
		matElement(order, kind, data)))
}

// matPacked is an element compressed.
func matPacked(order byteOrder, element []byte) []byte {
	var buffer bytes.Buffer
	writer := zlib.NewWriter(&buffer)
	if _, err := writer.Write(element); err != nil {
		panic(err)
	}
	if err := writer.Close(); err != nil {
		panic(err)
	}
	return matElement(order, matCompressed, buffer.Bytes())
}

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
	return matFile(order,
		matPacked(order, matArrayElement(order, "X", []int32{32, 32, 3, int32(count)}, matUint8, svhnPixels(count))),
		matPacked(order, matArrayElement(order, "y", []int32{int32(count), 1}, matUint8, labels)))
}

func TestSVHN(t *testing.T) {
	files := fixtures{{svhnTrain, svhnFile(40)}, {svhnTest, svhnFile(20)}}
	for _, name := range []string{"svhn", "data"} {
		set, err := Open(t.Context(), "svhn", Options{Data: files.folder(t, name), TrainLimit: 30, ValidationShare: 1. / 3})
		must(t, err)
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
	set, err := Open(t.Context(), "svhn", Options{Data: files[1:].folder(t, "svhn"), TestOnly: true, TestLimit: 5})
	must(t, err)
	if set.Test.Len() != 5 || set.Test.Labels != nil {
		t.Errorf("got %s, want 5 test images without labels", set)
	}
	_, err = Open(t.Context(), "svhn", Options{Data: files[1:].folder(t, "svhn")})
	wantError(t, err, "holds no train_32x32.mat")
}

func TestMATVariants(t *testing.T) {
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		doubles := func(values ...float64) (data []byte) {
			for _, value := range values {
				data = order.AppendUint64(data, math.Float64bits(value))
			}
			return data
		}
		for _, test := range []struct {
			name string
			kind uint32
			data []byte
			want []uint8
		}{
			{"bytes", matUint8, []byte{1, 2, 3}, []uint8{1, 2, 3}},
			{"many bytes", matUint8, bytes.Repeat([]byte{5}, 9), bytes.Repeat([]byte{5}, 9)},
			{"shorts", matInt16, order.AppendUint16(order.AppendUint16(nil, 200), 7), []uint8{200, 7}},
			{"doubles", matFloat64, doubles(10, 255, 0), []uint8{10, 255, 0}},
			{"single", matFloat32, order.AppendUint32(nil, math.Float32bits(9)), []uint8{9}},
		} {
			t.Run(fmt.Sprint(order, " ", test.name), func(t *testing.T) {
				array := matArrayElement(order, "numbers", []int32{int32(len(test.want)), 1}, test.kind, test.data)
				note := matElement(order, matUint8, []byte("no array, but allowed"))
				arrays, err := readMAT(bytes.NewReader(matFile(order, note, array, matPacked(order, array))), 1000)
				must(t, err)
				if len(arrays) != 2 {
					t.Fatalf("got %d arrays, want 2", len(arrays))
				}
				for _, got := range arrays {
					if got.name != "numbers" || !slices.Equal(got.values, test.want) {
						t.Errorf("got %q with %v, want numbers with %v", got.name, got.values, test.want)
					}
				}
			})
		}
	}
}

func TestDamagedMATFilesAreExplained(t *testing.T) {
	order := binary.LittleEndian
	array := func(dimensions []int32, kind uint32, data []byte) []byte {
		return matFile(order, matArrayElement(order, "y", dimensions, kind, data))
	}
	whole := svhnFile(2)
	hdf := slices.Clone(whole)
	hdf[125] = 2
	declared := matFile(order, order.AppendUint32(order.AppendUint32(nil, matMatrix), 1<<31))
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
		{"too many numbers", array([]int32{1 << 30, 1 << 30}, matUint8, nil), "more than"},
		{"negative dimension", array([]int32{-1, 1}, matUint8, nil), "more than"},
		{"missing numbers", array([]int32{3, 1}, matUint8, []byte{1, 2}), "2 numbers for the dimensions [3 1]"},
		{"fraction", array([]int32{1, 1}, matFloat64, order.AppendUint64(nil, math.Float64bits(0.5))),
			"number 0 is 0.5"},
		{"complex type", array([]int32{1, 1}, 77, []byte{1}), "type 77"},
		{"no images", array([]int32{1, 1}, matUint8, []byte{1}), "array X has the dimensions []"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseSVHN(bytes.NewReader(test.data))
			wantError(t, err, test.want)
		})
	}
}

// FuzzMAT parses any bytes as a MAT file.
func FuzzMAT(f *testing.F) {
	f.Add(svhnFile(1))
	order := binary.BigEndian
	f.Add(matFile(order, matArrayElement(order, "y", []int32{2, 1}, matUint8, []byte{1, 2})))
	f.Fuzz(func(t *testing.T, data []byte) {
		arrays, err := readMAT(bytes.NewReader(data), 1<<20)
		if err != nil {
			return
		}
		for _, array := range arrays {
			if len(array.values) > 1<<20 {
				t.Errorf("array of %d numbers, beyond the limit", len(array.values))
			}
		}
	})
}
