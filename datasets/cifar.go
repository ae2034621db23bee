package datasets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
)

// cifarFormat is the official binary form of a CIFAR set: files of records, each of some label bytes and the red, green
// and blue planes of an image, row by row.
type cifarFormat struct {
	train, test []string // base names
	labelBytes  int      // of a record; the last is the label
	classes     []string
	maxRecords  int // of a file, as published
}

var cifar10Format = cifarFormat{
	train: []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
		"data_batch_5.bin"},
	test:       []string{"test_batch.bin"},
	labelBytes: 1,
	maxRecords: 10_000,
	classes:    strings.Fields("airplane automobile bird cat deer dog frog horse ship truck"),
}

var cifar100Format = cifarFormat{
	train:      []string{"train.bin"},
	test:       []string{"test.bin"},
	maxRecords: 50_000,
	labelBytes: 2, // the coarse label, then the fine one
	classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
		butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
		dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
		lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
		pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark
		shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone
		television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
}

// files implements [official].
func (format cifarFormat) files(options Options) []string {
	if options.TestOnly {
		return format.test
	}
	return slices.Concat(format.train, format.test)
}

// read implements [official].
func (format cifarFormat) read(ctx context.Context, tree *filetree.Tree, options Options) (*Dataset, error) {
	test, err := format.readFiles(ctx, tree, format.test, options)
	if err != nil {
		return nil, err
	}
	set := &Dataset{Origin: tree.Base(), Classes: slices.Clone(format.classes), Test: test}
	if !options.TestOnly {
		set.Train, err = format.readFiles(ctx, tree, format.train, options)
	}
	return set, err
}

// readFiles reads files of records into one.
func (format cifarFormat) readFiles(ctx context.Context, tree *filetree.Tree, names []string,
	options Options) (*Images, error) {
	limit := options.MemoryLimit
	if limit == 0 {
		limit = int64(format.maxRecords * format.recordBytes())
	}
	images := newImages(0, defaultSize, defaultSize, true)
	for _, name := range names {
		file, err := tree.File(name)
		if err != nil {
			return nil, err
		}
		data, err := tree.Read(ctx, file, limit)
		if err != nil {
			return nil, err
		}
		if err := format.parse(data, images); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", tree.Path, file.Name, err)
		}
	}
	return images, nil
}

// planeBytes is the size of one channel of an image.
const planeBytes = defaultSize * defaultSize

// recordBytes is the size of one record.
func (format cifarFormat) recordBytes() int { return format.labelBytes + channels*planeBytes }

// parse appends the records of a file to images. The error names the offset of what is wrong.
func (format cifarFormat) parse(data []byte, images *Images) error {
	record := format.recordBytes()
	if len(data) == 0 || len(data)%record != 0 {
		return fmt.Errorf("at byte %d: %d bytes are not a whole number of records of %d bytes: "+
			"the file is cut short or of another set; copy or download it again",
			len(data)/record*record, len(data), record)
	}
	first := images.Len()
	images.Pixels = append(images.Pixels, make([]uint8, len(data)/record*channels*planeBytes)...)
	for i := range len(data) / record {
		fields := data[i*record : (i+1)*record]
		label := fields[format.labelBytes-1]
		if int(label) >= len(format.classes) {
			return fmt.Errorf("at byte %d: label %d, where labels go from 0 to %d: "+
				"the file is damaged or of another set", i*record+format.labelBytes-1, label, len(format.classes)-1)
		}
		images.Labels = append(images.Labels, int32(label))
		interleave(images.At(first+i), fields[format.labelBytes:])
	}
	return nil
}

// interleave turns red, green and blue planes into pixels.
func interleave(to, planes []uint8) {
	count := len(planes) / channels
	red, green, blue := planes[:count], planes[count:2*count], planes[2*count:]
	for i := range red {
		to[channels*i], to[channels*i+1], to[channels*i+2] = red[i], green[i], blue[i]
	}
}
