package show

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/datasets"
)

// ImagesVariable is the environment variable that names a folder of the reader's own images.
const ImagesVariable = "DISMAX_IMAGES"

// OwnImages returns the folder of images that [ImagesVariable] names, or else that of [KnownImages].
func OwnImages(folder string, training int) string {
	if own := os.Getenv(ImagesVariable); own != "" {
		return own
	}
	return KnownImages(folder, training)
}

// KnownImages returns the folder with images of the synthetic classes in it, so many for training and a fifth as many
// for testing, in train/CLASS and test/CLASS. It writes them when there is no such folder.
func KnownImages(folder string, training int) string { return LayOut(folder, training, "test") }

// LayOut is [KnownImages] with another name for the folder of test images: ImageNet calls it "val".
func LayOut(folder string, training int, test string) string {
	return once(folder, func(folder string) {
		set := Must(datasets.Open(context.Background(), "synthetic", datasets.Options{TrainLimit: training, TestLimit: training / 5}))
		writeImages(set.Train, func(i int) string {
			return filepath.Join(folder, "train", set.Classes[set.Train.Labels[i]])
		})
		writeImages(set.Test, func(i int) string {
			return filepath.Join(folder, test, set.Classes[set.Test.Labels[i]])
		})
	})
}

// UnknownImages returns the folder with so many images of each synthetic set that belongs to no class, each set in a
// folder of its name. It writes them when there is no such folder.
func UnknownImages(folder string, count int) string {
	return once(folder, func(folder string) {
		for _, set := range Unknown("synthetic", count) {
			writeImages(set.Test, func(int) string { return filepath.Join(folder, set.Name) })
		}
	})
}

// once fills a folder that is not there. It gets its name when it is complete, so that a cell that was interrupted
// leaves none.
func once(folder string, fill func(folder string)) string {
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	partial := folder + ".partial"
	Check(os.RemoveAll(partial))
	Check(os.MkdirAll(partial, 0o755))
	fill(partial)
	Check(os.Rename(partial, folder))
	return folder
}

// writeImages writes each image as a PNG file into the folder that is chosen for it.
func writeImages(images *datasets.Images, folder func(i int) string) {
	picture := image.NewNRGBA(image.Rect(0, 0, images.Width, images.Height))
	for i := range images.Len() {
		pixels := images.At(i)
		for p := range images.Height * images.Width {
			copy(picture.Pix[4*p:], pixels[3*p:3*p+3])
			picture.Pix[4*p+3] = 255
		}
		path := filepath.Join(folder(i), fmt.Sprintf("%04d.png", i))
		Check(os.MkdirAll(filepath.Dir(path), 0o755))
		file := Must(os.Create(path))
		Check(png.Encode(file, picture))
		Check(file.Close())
	}
}
