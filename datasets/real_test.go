package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// realImages are some of the real CIFAR-10 images, four of each class, where they are here.
func realImages(t *testing.T) *Dataset {
	t.Helper()
	if os.Getenv(DataVariable) == "" {
		t.Skipf("set %s to a folder with cifar10 to read the real images", DataVariable)
	}
	set, err := Open(t.Context(), "cifar10", Options{TrainLimit: 40, TestLimit: 20, Offline: true})
	fixture.Must(t, err)
	return set
}

// TestRealImagesSurviveEveryFormat writes real images in the published form of every set and reads them again.
func TestRealImagesSurviveEveryFormat(t *testing.T) {
	set := realImages(t)
	for _, test := range []struct {
		name  string
		files fixture.Files
	}{
		{"cifar10", fixture.Files{
			{"batches/data_batch_1.bin", cifarFile(set.Train, 0, 8, 1)},
			{"batches/data_batch_2.bin", cifarFile(set.Train, 8, 16, 1)},
			{"batches/data_batch_3.bin", cifarFile(set.Train, 16, 24, 1)},
			{"batches/data_batch_4.bin", cifarFile(set.Train, 24, 32, 1)},
			{"batches/data_batch_5.bin", cifarFile(set.Train, 32, 40, 1)},
			{"batches/test_batch.bin", cifarFile(set.Test, 0, 20, 1)},
		}},
		{"cifar100", fixture.Files{{"train.bin", cifarFile(set.Train, 0, 40, 2)}, {"test.bin", cifarFile(set.Test, 0, 20, 2)}}},
		{"svhn", fixture.Files{{svhnTrain, svhnFileOf(set.Train)}, {svhnTest, svhnFileOf(set.Test)}}},
		{"own", slices.Concat(pngFiles(t, "train", set.Train), pngFiles(t, "test", set.Test))},
	} {
		paths := []string{test.files.Folder(t, test.name), test.files.Zip(t, test.name+".zip"),
			fixture.Write(t, test.name+".tar", test.files.Tarred(t)),
			fixture.Write(t, test.name+".tar.gz", fixture.Gzip(t, test.files.Tarred(t)))}
		for _, path := range paths {
			name, options := test.name, Options{Data: path}
			if name == "own" {
				name, options = path, Options{}
			}
			got, err := Open(t.Context(), name, options)
			fixture.Must(t, err)
			for _, part := range []struct{ got, want *Images }{{got.Train, set.Train}, {got.Test, set.Test}} {
				if part.got.SHA256() != part.want.SHA256() {
					t.Errorf("%s: %d images have other pixels or labels than the %d written",
						path, part.got.Len(), part.want.Len())
				}
			}
		}
	}
}

// cifarFile writes images as records with so many bytes of labels, of which the last is the label.
func cifarFile(images *Images, from, to, labelBytes int) []byte {
	var file []byte
	for i := from; i < to; i++ {
		file = append(file, make([]byte, labelBytes-1)...)
		file = append(file, uint8(images.Labels[i]))
		for channel := range channels {
			for pixel := range 32 * 32 {
				file = append(file, images.At(i)[pixel*channels+channel])
			}
		}
	}
	return file
}

// svhnFileOf writes images as SVHN is published.
func svhnFileOf(images *Images) []byte {
	var pixels, labels []byte
	for i := range images.Len() {
		for channel := range channels {
			for x := range 32 {
				for y := range 32 {
					pixels = append(pixels, images.At(i)[(y*32+x)*channels+channel])
				}
			}
		}
		label := uint8(images.Labels[i])
		if label == 0 {
			label = 10
		}
		labels = append(labels, label)
	}
	order, count := binary.LittleEndian, int32(images.Len())
	return fixture.MATFile(order,
		fixture.MATPacked(order, fixture.MATArray(order, "X", []int32{32, 32, 3, count}, fixture.MATUint8, pixels)),
		fixture.MATPacked(order, fixture.MATArray(order, "y", []int32{count, 1}, fixture.MATUint8, labels)))
}

// pngFiles writes images into class folders.
func pngFiles(t *testing.T, part string, images *Images) fixture.Files {
	t.Helper()
	var files fixture.Files
	for i := range images.Len() {
		picture := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for pixel := range 32 * 32 {
			copy(picture.Pix[pixel*4:], images.At(i)[pixel*channels:][:channels])
			picture.Pix[pixel*4+3] = 255
		}
		var file bytes.Buffer
		fixture.Must(t, png.Encode(&file, picture))
		name := fmt.Sprintf("%s/class%d/%03d.png", part, images.Labels[i], i)
		files = append(files, fixture.Files{{name, file.Bytes()}}...)
	}
	return files
}
