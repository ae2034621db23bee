package datasets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	svhnTrain = "train_32x32.mat"
	svhnTest  = "test_32x32.mat"
	// maxSVHNValues bounds the pixels of a file; the largest official one, of extra images, has 1.6e9.
	maxSVHNValues = 2 << 30
)

// svhnFormat is the official form of the street view house numbers: MAT files.
type svhnFormat struct{}

// files implements [official].
func (svhnFormat) files(options Options) []string {
	if options.TestOnly {
		return []string{svhnTest}
	}
	return []string{svhnTrain, svhnTest}
}

// read implements [official].
func (svhnFormat) read(found *collection, options Options) (*Dataset, error) {
	test, err := found.readSVHNFile(svhnTest)
	if err != nil {
		return nil, err
	}
	set := &Dataset{Found: found.base(), Test: test}
	for digit := range 10 {
		set.Classes = append(set.Classes, fmt.Sprint(digit))
	}
	if !options.TestOnly {
		if set.Train, err = found.readSVHNFile(svhnTrain); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// readSVHNFile reads one MAT file of images and labels.
func (found *collection) readSVHNFile(name string) (*Images, error) {
	file, err := found.file(name)
	if err != nil {
		return nil, err
	}
	reader, err := file.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", found.path, file.name, err)
	}
	images, err := parseSVHN(bufio.NewReaderSize(reader, 1<<20))
	if err := errors.Join(err, reader.Close()); err != nil {
		return nil, fmt.Errorf("%s: %s: %w: copy or download it again", found.path, file.name, err)
	}
	return images, nil
}

// parseSVHN reads X, uint8 [32, 32, 3, N] by row, column, colour and image, and y [N, 1], where 10 means the digit 0.
func parseSVHN(reader io.Reader) (*Images, error) {
	arrays, err := readMAT(reader, maxSVHNValues)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]matArray)
	for _, array := range arrays {
		byName[array.name] = array
	}
	pixels, labels := byName["X"], byName["y"]
	count := len(labels.values)
	if want := []int{defaultSize, defaultSize, channels, count}; !slices.Equal(pixels.dimensions, want) {
		return nil, fmt.Errorf("the array X has the dimensions %v, where %v are expected for %d labels in y",
			pixels.dimensions, want, count)
	}
	images := newImages(count, defaultSize, defaultSize, true)
	for i, label := range labels.values {
		if label > 10 {
			return nil, fmt.Errorf("label %d of image %d, where labels go from 1 to 10", label, i)
		}
		images.Labels[i] = int32(label % 10)
		columnsToPixels(images.At(i), pixels.values[i*images.pixelBytes():])
	}
	return images, nil
}

// columnsToPixels turns an image whose rows run fastest, then columns, then colours, into pixels row by row.
func columnsToPixels(to, from []uint8) {
	for channel := range channels {
		for x := range defaultSize {
			column := from[(channel*defaultSize+x)*defaultSize:][:defaultSize]
			for y, value := range column {
				to[(y*defaultSize+x)*channels+channel] = value
			}
		}
	}
}
