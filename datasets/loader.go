package datasets

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/dataset"
	"github.com/gomlx/gomlx/ml/train"
)

// LoaderOptions say how images are made into batches.
type LoaderOptions struct {
	BatchSize int
	// Seed draws the order of the images and their augmentation.
	Seed int64
	// Shuffle draws a new order of the images in each epoch.
	Shuffle bool
	// Augment changes the images at random as in the published training. ImageNet's are cropped to 8 to 100% of their
	// area and resized, all others are cropped out of themselves with 4 pixels of Border around; half of either are
	// mirrored.
	Augment bool
	// Border is a colour, before normalization. That of the published training is black, its zero value.
	Border [3]uint8
	// DropLast leaves out the last batch of an epoch if it is not full.
	DropLast bool
	// Workers is the number of batches made at the same time; 0 means one per processor. It changes nothing in them.
	Workers int
}

// Loader delivers images in batches, as a GoMLX [train.Dataset]. Batches are made ahead of their use by parallel
// workers; what a batch holds depends on the images, the options and its number alone.
type Loader struct {
	images  *Images
	options LoaderOptions

	mu   sync.Mutex
	next int // the step at which the next Iter begins
}

var _ train.Dataset = (*Loader)(nil)

// NewLoader returns a loader that begins with the first step of the first epoch. The images must not change while it
// is used.
func NewLoader(images *Images, options LoaderOptions) (*Loader, error) {
	if err := images.check(); err != nil {
		return nil, fmt.Errorf("cannot load batches: %w", err)
	}
	switch {
	case options.BatchSize < 1:
		return nil, fmt.Errorf("cannot load batches of %d images: the batch size must be positive", options.BatchSize)
	case options.Workers < 0:
		return nil, fmt.Errorf("cannot load batches with %d workers: want 0 for one per processor, or more", options.Workers)
	case images.Len() == 0:
		return nil, fmt.Errorf("cannot load batches: there are no images")
	case options.DropLast && images.Len() < options.BatchSize:
		return nil, fmt.Errorf("cannot fill a batch of %d with %d images: take a smaller batch or more images",
			options.BatchSize, images.Len())
	}
	return &Loader{images: images, options: options}, nil
}

// Name implements [train.Dataset].
func (loader *Loader) Name() string { return fmt.Sprintf("%d images", loader.images.Len()) }

// StepsPerEpoch returns the number of batches of one epoch.
func (loader *Loader) StepsPerEpoch() int {
	full := loader.images.Len() / loader.options.BatchSize
	if loader.options.DropLast || loader.images.Len()%loader.options.BatchSize == 0 {
		return full
	}
	return full + 1
}

// ImagesPerEpoch returns the number of images that one epoch delivers: all of them, unless DropLast leaves some out.
func (loader *Loader) ImagesPerEpoch() int {
	return min(loader.images.Len(), loader.StepsPerEpoch()*loader.options.BatchSize)
}

// StartAt makes the next Iter begin at the given step, counted from 0 over all epochs, and so in epoch
// step/StepsPerEpoch: a resumed training sees the batches that it would have seen.
func (loader *Loader) StartAt(step int) {
	loader.mu.Lock()
	defer loader.mu.Unlock()
	loader.next = max(step, 0)
}

// Iter implements [train.Dataset]: it yields the batches of one epoch, and the next Iter those of the next epoch, even
// when this one is stopped early. Batch.Inputs[0] is uint8 [batch, height, width, 3] and Batch.Labels[0] is int32
// [batch, 1], or absent for images without labels. The consumer owns the batches.
func (loader *Loader) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		epoch, first := loader.advance()
		batches := &epochBatches{loader: loader, epoch: epoch, first: first}
		parallel := dataset.ParallelMapOnHost(batches, batches.make).WithParallelism(loader.options.Workers)
		for batch, err := range parallel.Iter() {
			if !yield(batch, err) {
				return
			}
		}
	}
}

// advance moves to the start of the next epoch and returns where the present one begins.
func (loader *Loader) advance() (epoch, first int) {
	loader.mu.Lock()
	defer loader.mu.Unlock()
	steps := loader.StepsPerEpoch()
	epoch, first = loader.next/steps, loader.next%steps
	loader.next = (epoch + 1) * steps
	return epoch, first
}

// epochBatches is one epoch of a loader. As a [train.Dataset] it yields only the numbers of its batches, in their
// Spec; make fills them with images, in parallel.
type epochBatches struct {
	loader *Loader
	epoch  int
	first  int // the first batch of the epoch to yield
	order  []int
}

// Name implements [train.Dataset].
func (batches *epochBatches) Name() string { return batches.loader.Name() }

// Iter implements [train.Dataset].
func (batches *epochBatches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		batches.order = batches.loader.order(batches.epoch)
		for number := batches.first; number < batches.loader.StepsPerEpoch(); number++ {
			if !yield(train.Batch{Spec: number}, nil) {
				return
			}
		}
	}
}

// make builds the batch whose number is in the plan's Spec.
func (batches *epochBatches) make(plan train.Batch) train.Batch {
	number := plan.Spec.(int)
	images, options := batches.loader.images, batches.loader.options
	start := number * options.BatchSize
	indices := batches.order[start:min(start+options.BatchSize, len(batches.order))]

	inputs := tensors.FromShape(shapes.Make(dtypes.Uint8, len(indices), images.Height, images.Width, channels))
	var random *rand.Rand
	if options.Augment {
		random = batches.loader.random(streamAugment, batches.epoch, number)
	}
	var failed error
	err := tensors.MutableFlatData(inputs, func(pixels []uint8) {
		if options.Augment && options.Border != [3]uint8{} {
			for i := range pixels {
				pixels[i] = options.Border[i%channels]
			}
		}
		for i, index := range indices {
			size := images.pixelBytes()
			if failed = images.load(pixels[i*size:(i+1)*size], index, random); failed != nil {
				return
			}
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return train.Batch{Spec: err} // how a map function returns an error
	}
	batch := train.Batch{Inputs: []*tensors.Tensor{inputs}}
	if images.Labels != nil {
		labels := make([]int32, len(indices))
		for i, index := range indices {
			labels[i] = images.Labels[index]
		}
		batch.Labels = []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, len(indices), 1)}
	}
	return batch
}

// order returns the indices of the images in the order of an epoch.
func (loader *Loader) order(epoch int) []int {
	order := upTo(loader.images.Len())
	if loader.options.Shuffle {
		random := loader.random(streamShuffle, epoch, 0)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// random returns the source of random numbers for one purpose in one batch of one epoch.
func (loader *Loader) random(stream uint64, epoch, batch int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(loader.options.Seed), stream<<56|uint64(epoch)<<32|uint64(batch)))
}
