package datasets

import (
	"bytes"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
	"github.com/gomlx/gomlx/core/tensors"
)

// numbered makes count images, each plain in a colour that tells its index, with labels.
func numbered(count int) *Images {
	images := newImages(count, 32, 32, true)
	for i := range count {
		for j := range images.At(i) {
			images.At(i)[j] = uint8(i + 1)
		}
		images.Labels[i] = int32(i)
	}
	return images
}

// epochOf runs one epoch and returns the pixels and labels of its batches.
func epochOf(t testing.TB, loader *Loader) (pixels [][]uint8, labels [][]int32) {
	t.Helper()
	for batch, err := range loader.Iter() {
		fixture.Must(t, err)
		pixels = append(pixels, tensors.MustCopyFlatData[uint8](batch.Inputs[0]))
		if len(batch.Labels) > 0 {
			labels = append(labels, tensors.MustCopyFlatData[int32](batch.Labels[0]))
		}
		fixture.Must(t, batch.Finalize())
	}
	return pixels, labels
}

func newTestLoader(t testing.TB, images *Images, options LoaderOptions) *Loader {
	t.Helper()
	loader, err := NewLoader(images, options)
	fixture.Must(t, err)
	return loader
}

func TestLoaderDeliversEveryImageOncePerEpoch(t *testing.T) {
	for _, test := range []struct {
		name     string
		options  LoaderOptions
		batches  []int // sizes
		distinct int
	}{
		{"in order", LoaderOptions{BatchSize: 4}, []int{4, 4, 2}, 10},
		{"shuffled", LoaderOptions{BatchSize: 4, Shuffle: true}, []int{4, 4, 2}, 10},
		{"without the last", LoaderOptions{BatchSize: 4, Shuffle: true, DropLast: true}, []int{4, 4}, 8},
		{"one batch", LoaderOptions{BatchSize: 10, DropLast: true}, []int{10}, 10},
		{"batch larger than the set", LoaderOptions{BatchSize: 64}, []int{10}, 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			loader := newTestLoader(t, numbered(10), test.options)
			pixels, labels := epochOf(t, loader)
			var sizes []int
			for i := range labels {
				sizes = append(sizes, len(labels[i]))
				for j, label := range labels[i] {
					if got := pixels[i][j*32*32*3]; int32(got) != label+1 {
						t.Errorf("batch %d image %d has the pixels of image %d and the label of %d", i, j, got-1, label)
					}
				}
			}
			if !slices.Equal(sizes, test.batches) {
				t.Errorf("got batches of %v images, want %v", sizes, test.batches)
			}
			if loader.StepsPerEpoch() != len(test.batches) || loader.ImagesPerEpoch() != test.distinct {
				t.Errorf("StepsPerEpoch, ImagesPerEpoch = %d, %d; want %d, %d",
					loader.StepsPerEpoch(), loader.ImagesPerEpoch(), len(test.batches), test.distinct)
			}
			all := slices.Concat(labels...)
			slices.Sort(all)
			if got := len(slices.Compact(all)); got != test.distinct {
				t.Errorf("got %d different images, want %d", got, test.distinct)
			}
		})
	}
}

func TestLoaderShapes(t *testing.T) {
	loader := newTestLoader(t, numbered(3), LoaderOptions{BatchSize: 2})
	for batch, err := range loader.Iter() {
		fixture.Must(t, err)
		if got := batch.Inputs[0].Shape().String(); got != "(Uint8)[2, 32, 32, 3]" {
			t.Errorf("inputs have the shape %s", got)
		}
		if got := batch.Labels[0].Shape().String(); got != "(Int32)[2, 1]" {
			t.Errorf("labels have the shape %s", got)
		}
		if batch.Spec != nil {
			t.Errorf("the batch has the spec %v, which would compile a graph for each", batch.Spec)
		}
		break
	}
}

func TestLoaderIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	options := LoaderOptions{BatchSize: 3, Seed: 7, Shuffle: true, Augment: true}
	var want [][]uint8
	for workers := range 6 {
		options.Workers = workers
		loader := newTestLoader(t, numbered(50), options)
		epochOf(t, loader)
		got, _ := epochOf(t, loader)
		if want == nil {
			want = got
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%d workers deliver other batches than 0", workers)
		}
	}
}

func TestEpochsAndSeedsDiffer(t *testing.T) {
	options := LoaderOptions{BatchSize: 50, Seed: 1, Shuffle: true}
	loader := newTestLoader(t, numbered(50), options)
	_, first := epochOf(t, loader)
	_, second := epochOf(t, loader)
	options.Seed = 2
	_, other := epochOf(t, newTestLoader(t, numbered(50), options))
	if slices.Equal(first[0], second[0]) {
		t.Error("two epochs have the same order")
	}
	if slices.Equal(first[0], other[0]) {
		t.Error("two seeds have the same order")
	}
}

func TestStartAtContinuesAsIfNeverInterrupted(t *testing.T) {
	options := LoaderOptions{BatchSize: 4, Seed: 3, Shuffle: true, Augment: true}
	whole := newTestLoader(t, numbered(10), options)
	var want [][]uint8
	for range 3 {
		pixels, _ := epochOf(t, whole)
		want = append(want, pixels...)
	}
	for step := range len(want) {
		resumed := newTestLoader(t, numbered(10), options)
		resumed.StartAt(step)
		var got [][]uint8
		for len(got) < len(want)-step {
			pixels, _ := epochOf(t, resumed)
			got = append(got, pixels...)
		}
		if !slices.EqualFunc(got, want[step:], bytes.Equal) {
			t.Errorf("a loader started at step %d delivers other batches", step)
		}
	}
}

func TestStoppedEpochIsFollowedByTheNext(t *testing.T) {
	options := LoaderOptions{BatchSize: 5, Shuffle: true}
	whole := newTestLoader(t, numbered(50), options)
	epochOf(t, whole)
	_, want := epochOf(t, whole)
	stopped := newTestLoader(t, numbered(50), options)
	for range stopped.Iter() {
		break
	}
	if _, got := epochOf(t, stopped); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("after a stopped epoch got %v, want epoch 1: %v", got, want)
	}
}

func TestStoppedLoaderLeavesNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	loader := newTestLoader(t, numbered(100), LoaderOptions{BatchSize: 1, Workers: 8})
	for range 20 {
		for range loader.Iter() {
			break
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left, there were %d", runtime.NumGoroutine(), before)
}

func TestImagesWithoutLabelsHaveNoLabelTensor(t *testing.T) {
	images := numbered(3)
	images.Labels = nil
	for batch, err := range newTestLoader(t, images, LoaderOptions{BatchSize: 2}).Iter() {
		fixture.Must(t, err)
		if len(batch.Labels) != 0 {
			t.Errorf("got %d label tensors, want none", len(batch.Labels))
		}
	}
}

func TestNewLoaderRefuses(t *testing.T) {
	uneven := numbered(2)
	uneven.Pixels = uneven.Pixels[1:]
	unlabelled := numbered(2)
	unlabelled.Labels = unlabelled.Labels[1:]
	for _, test := range []struct {
		name    string
		images  *Images
		options LoaderOptions
		want    string
	}{
		{"no images", nil, LoaderOptions{BatchSize: 1}, "no images"},
		{"empty images", newImages(0, 32, 32, false), LoaderOptions{BatchSize: 1}, "no images"},
		{"no size", &Images{}, LoaderOptions{BatchSize: 1}, "0x0"},
		{"no batch", numbered(2), LoaderOptions{}, "must be positive"},
		{"too few images", numbered(2), LoaderOptions{BatchSize: 3, DropLast: true}, "smaller batch"},
		{"part of an image", uneven, LoaderOptions{BatchSize: 1}, "whole number"},
		{"missing label", unlabelled, LoaderOptions{BatchSize: 1}, "1 labels for 2 images"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewLoader(test.images, test.options)
			fixture.WantError(t, err, test.want)
		})
	}
}

// BenchmarkLoader measures the published training pipeline of CIFAR, all processors together. Copying and mirroring the
// pixels limits it, and the memory of the batches.
func BenchmarkLoader(b *testing.B) {
	loader := newTestLoader(b, newImages(10000, 32, 32, true),
		LoaderOptions{BatchSize: 64, Shuffle: true, Augment: true, DropLast: true})
	count := 0
	for b.Loop() {
		for batch, err := range loader.Iter() {
			fixture.Must(b, err)
			fixture.Must(b, batch.Finalize())
			count += loader.options.BatchSize
		}
	}
	b.ReportMetric(float64(count)/b.Elapsed().Seconds(), "images/s")
}

func TestCropsReachIntoTheBorder(t *testing.T) {
	set := &Images{Height: 8, Width: 8, Pixels: bytes.Repeat([]byte{7}, 20*8*8*3)}
	black, _ := epochOf(t, newTestLoader(t, set, LoaderOptions{BatchSize: 20, Augment: true}))
	coloured, _ := epochOf(t, newTestLoader(t, set, LoaderOptions{BatchSize: 20, Augment: true, Border: [3]uint8{200, 100, 50}}))
	for i, got := range coloured[0] {
		want := black[0][i]
		if want == 0 {
			want = []uint8{200, 100, 50}[i%3]
		}
		if got != want {
			t.Fatalf("byte %d is %d, want %d", i, got, want)
		}
	}
	if bytes.Equal(black[0], coloured[0]) {
		t.Error("no crop reaches into the border")
	}
	plain, _ := epochOf(t, newTestLoader(t, set, LoaderOptions{BatchSize: 20, Border: [3]uint8{200, 100, 50}}))
	if !bytes.Equal(plain[0], set.Pixels) {
		t.Error("images that are not cropped have a border")
	}
}
