package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// emptyPNG is a small file of a large image.
func emptyPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	var file bytes.Buffer
	fixture.Must(t, png.Encode(&file, image.NewNRGBA64(image.Rect(0, 0, width, height))))
	return file.Bytes()
}

// zipBomb is a small zip of one large file of zeros.
func zipBomb(t testing.TB, size int) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	writer, err := archive.Create("bomb.jpg")
	fixture.Must(t, err)
	_, err = writer.Write(make([]byte, size))
	fixture.Must(t, err)
	fixture.Must(t, archive.Close())
	return buffer.Bytes()
}

// matBomb is a small MAT file of many numbers.
func matBomb(count int) []byte {
	order := binary.LittleEndian
	pixels := fixture.MATArray(order, "X", []int32{32, 32, 3, int32(count)}, fixture.MATUint8, make([]byte, count*32*32*3))
	return fixture.MATFile(order, fixture.MATPacked(order, pixels))
}

func TestWhatTakesTooMuchMemoryIsRefused(t *testing.T) {
	photo := fixture.PNG(8, 8, 1, 2)
	for _, test := range []struct {
		name, set string // no set: the path itself
		path      string
		limit     int64
		want      []string
	}{
		{"an image", "", fixture.Files{{"bomb.png", emptyPNG(t, 1024, 512)}}.Folder(t, "own"), 2 << 20,
			[]string{"bomb.png", "1024x512 pixels", "limit is 2.1 MB"}},
		{"a file in a zip", "", fixture.Write(t, "own.zip", zipBomb(t, 3<<20)), 2 << 20,
			[]string{"bomb.jpg", "3.1 MB", "limit is 2.1 MB"}},
		{"a compressed tar", "", fixture.Write(t, "own.tgz", fixture.Gzip(t, fixture.Files{{"a.png", photo},
			{"b.png", make([]byte, 3<<20)}}.Tarred(t))), 2 << 20, []string{"own.tgz", "b.png", "limit is 2.1 MB"}},
		{"a MAT file", "svhn", fixture.Files{{svhnTest, matBomb(1000)}, {svhnTrain, nil}}.Folder(t, "svhn"), 2 << 20,
			[]string{svhnTest, "3.1 MB", "limit is 2.1 MB"}},
		{"records in a zip", "cifar10", fixture.Write(t, "cifar10.zip", cifar10Fixtures().With(
			"cifar-10-batches-bin/test_batch.bin", make([]byte, 3<<20)).Zipped(t)), 2 << 20,
			[]string{"test_batch.bin", "3.1 MB", "limit is 2.1 MB"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := Options{MemoryLimit: test.limit, Data: test.path}
			name := test.set
			if name == "" {
				name, options.Data = test.path, ""
			}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Open(t.Context(), name, options)
			runtime.ReadMemStats(&after)
			fixture.WantError(t, err, append(test.want, "Options.MemoryLimit")...)
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 2<<20 {
				t.Errorf("took %d bytes before it refused", taken)
			}
		})
	}
}

func TestMemoryLimitCanBeRaised(t *testing.T) {
	files := fixture.Files{{"large.png", emptyPNG(t, 600, 600)}}
	path := fixture.Write(t, "own.tgz", fixture.Gzip(t, files.Tarred(t)))
	_, err := OpenImages(t.Context(), path, Options{MemoryLimit: 1 << 20})
	fixture.WantError(t, err, "large.png", "limit is 1.0 MB")
	set, err := OpenImages(t.Context(), path, Options{MemoryLimit: 32 << 20})
	fixture.Must(t, err)
	if set.Test.Len() != 1 {
		t.Errorf("got %s, want the image", set)
	}
	one := fixture.Write(t, "large.png", emptyPNG(t, 600, 600))
	_, err = ReadImageWithin(1<<20, one, 32, 32)
	fixture.WantError(t, err, "large.png", "limit is 1.0 MB", "--memory-limit")
	_, err = ReadImageWithin(32<<20, one, 32, 32)
	fixture.Must(t, err)
	_, err = OpenImages(t.Context(), path, Options{MemoryLimit: -1})
	fixture.WantError(t, err, "memory limit of -1")
}

func TestOpeningEndsWithTheContext(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	svhn := fixture.Files{{svhnTrain, svhnFile(40)}, {svhnTest, svhnFile(20)}}
	for _, test := range []struct{ set, data string }{
		{"synthetic", ""}, {"synthetic-near", ""}, {"synthetic-far", ""},
		{"cifar10", cifarFixtures(1).Zip(t, "cifar10.zip")},
		{"cifar10", fixture.Write(t, "cifar10.tgz", fixture.Gzip(t, cifar10Fixtures().Tarred(t)))},
		{"svhn", svhn.Folder(t, "svhn")},
		{"imagenet", fixture.Write(t, "imagenet.tar", imageNetFixtures().Tarred(t))},
	} {
		_, err := Open(stopped, test.set, Options{Data: test.data})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s from %q: got %v, want the error of the context", test.set, test.data, err)
		}
	}
}

func TestReadingStopsInTheMiddle(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var opened atomic.Int32
	photo := fixture.PNG(16, 16, 1, 2)
	var files []filetree.File
	for i := range 10_000 {
		open := func() (io.ReadCloser, error) {
			if opened.Add(1) == 100 {
				stop()
			}
			return io.NopCloser(bytes.NewReader(photo)), nil
		}
		files = append(files, filetree.File{Name: fmt.Sprintf("%05d.png", i), Size: int64(len(photo)), Open: open})
	}
	set, err := readTree(filetree.New("own", files, nil), fileFormat{size: 16}, Options{})
	fixture.Must(t, err)
	if err := set.complete(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
	if got := int(opened.Load()); got > 100+runtime.GOMAXPROCS(0) {
		t.Errorf("%d files were opened, want no more after the context's end at 100", got)
	}
}

func TestTruncatedImagesAreNamed(t *testing.T) {
	whole := fixture.JPEG(60, 40, 50, 1)
	for _, length := range []int{len(whole) - 1, len(whole) / 2, 100, 1} {
		own := cifarFixtures(2).With("train/classb/0001.jpg", whole[:length])
		_, err := OpenImages(t.Context(), own.Zip(t, "own.zip"), Options{})
		fixture.WantError(t, err, "own.zip", "train/classb/0001.jpg")

		streamed := imageNetFixtures().With("train/n02/1.JPEG", whole[:length])
		set, err := Open(t.Context(), "imagenet", Options{Data: streamed.Folder(t, "imagenet"), Size: 16})
		fixture.Must(t, err)
		var failed error
		for _, err := range newTestLoader(t, set.Train, LoaderOptions{BatchSize: 3, Augment: true, Shuffle: true}).Iter() {
			failed = errors.Join(failed, err)
		}
		fixture.WantError(t, failed, "imagenet", "train/n02/1.JPEG")
	}
}

func TestFilesWithOneNameAreOneImage(t *testing.T) {
	red, green := fixture.PNG(32, 32, 200, 1), fixture.PNG(32, 32, 1, 200)
	files := fixture.Files{{"a/1.png", red}, {"a/1.png", green}, {"a/2.png", red}, {"b/1.png", red}, {"b/2.png", red}}
	for _, path := range []string{files.Zip(t, "own.zip"), fixture.Write(t, "own.tar", files.Tarred(t))} {
		set, err := OpenImages(t.Context(), path, Options{TestOnly: true})
		fixture.Must(t, err)
		if set.Test.Len() != 4 {
			t.Errorf("%s: got %s, want 4 images", path, set)
		}
		if got := set.Test.At(0)[:2]; !slices.Equal(got, []uint8{1, 200}) {
			t.Errorf("%s: the first image begins with %v, want that of the last file of its name", path, got)
		}
	}
}
