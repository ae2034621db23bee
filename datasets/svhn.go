package datasets

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/mat"
)

const (
	svhnTrain = "train_32x32.mat"
	svhnTest  = "test_32x32.mat"
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
func (svhnFormat) read(ctx context.Context, tree *filetree.Tree, options Options) (*Dataset, error) {
	test, err := readSVHN(ctx, tree, svhnTest, options)
	if err != nil {
		return nil, err
	}
	set := &Dataset{Origin: tree.Base(), Test: test}
	for digit := range 10 {
		set.Classes = append(set.Classes, strconv.Itoa(digit))
	}
	if !options.TestOnly {
		set.Train, err = readSVHN(ctx, tree, svhnTrain, options)
	}
	return set, err
}

// readSVHN reads one MAT file of images and labels.
func readSVHN(ctx context.Context, tree *filetree.Tree, name string, options Options) (*Images, error) {
	file, err := tree.File(name)
	if err != nil {
		return nil, err
	}
	reader, err := file.Open()
	if err != nil {
		return nil, tree.Explain(file, err)
	}
	limit := bounded.UnpackedLimit(file.Size, options.MemoryLimit)
	images, err := parseSVHN(bufio.NewReaderSize(bounded.WithContext(ctx, reader), 1<<20), limit)
	if err := errors.Join(err, reader.Close()); err != nil {
		return nil, tree.Explain(file, err)
	}
	return images, nil
}

// parseSVHN reads X, uint8 [32, 32, 3, N] by row, column, colour and image, and y [N, 1], where 10 means the digit 0.
// The arrays may take so many bytes of memory.
func parseSVHN(reader io.Reader, limit int64) (*Images, error) {
	arrays, err := mat.Read(reader, limit)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]mat.Array)
	for _, array := range arrays {
		byName[array.Name] = array
	}
	pixels, labels := byName["X"], byName["y"]
	count := len(labels.Values)
	if want := []int{defaultSize, defaultSize, channels, count}; !slices.Equal(pixels.Dimensions, want) {
		return nil, fmt.Errorf("the array X has the dimensions %v, where %v are expected for %d labels in y",
			pixels.Dimensions, want, count)
	}
	images := newImages(count, defaultSize, defaultSize, true)
	for i, label := range labels.Values {
		if label > 10 {
			return nil, fmt.Errorf("label %d of image %d, where labels go from 1 to 10", label, i)
		}
		images.Labels[i] = int32(label % 10)
		columnsToPixels(images.At(i), pixels.Values[i*images.pixelBytes():])
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
