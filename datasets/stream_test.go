package datasets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// imageNetFixtures are a training and a test image of each of three classes.
func imageNetFixtures() fixture.Files {
	var files fixture.Files
	for i, class := range []string{"n01", "n02", "n03"} {
		files = files.With("train/"+class+"/1.JPEG", fixture.JPEG(60, 40, uint8(50*i), 1))
		files = files.With("val/"+class+"/1.JPEG", fixture.JPEG(40, 60, uint8(50*i), 200))
	}
	return files
}

func TestImageNetIsDecodedWhenItsTurnComes(t *testing.T) {
	for _, data := range []string{imageNetFixtures().Folder(t, "imagenet"),
		fixture.Write(t, "imagenet.tar", imageNetFixtures().Tarred(t))} {
		set, err := Open(t.Context(), "imagenet", Options{Data: data, Size: 16})
		fixture.Must(t, err)
		if set.Train.Len() != 3 || set.Test.Len() != 3 || set.Train.Pixels != nil || set.Train.Height != 16 {
			t.Fatalf("got %s, want 3 and 3 images of 16x16 pixels that are not in memory", set)
		}
		loader := newTestLoader(t, set.Train, LoaderOptions{BatchSize: 3, Augment: true})
		pixels, labels := epochOf(t, loader)
		if !slices.Equal(labels[0], []int32{0, 1, 2}) {
			t.Errorf("labels %v, want 0, 1, 2", labels[0])
		}
		for i, red := range []uint8{0, 50, 100} {
			if got := pixels[0][i*16*16*3]; max(got, red)-min(got, red) > 3 {
				t.Errorf("image %d has %d of red, want %d", i, got, red)
			}
		}
	}
}

func TestStreamedImagesKeepTheLoadersPromises(t *testing.T) {
	set, err := Open(t.Context(), "imagenet", Options{Data: imageNetFixtures().Folder(t, "imagenet"), Size: 16})
	fixture.Must(t, err)
	options := LoaderOptions{BatchSize: 2, Shuffle: true, Augment: true, Seed: 3, Workers: 1}
	want, _ := epochOf(t, newTestLoader(t, set.Train, options))
	options.Workers = 4
	got, _ := epochOf(t, newTestLoader(t, set.Train, options))
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Error("four workers deliver other batches than one")
	}
	picked := set.Train.Select([]int{2, 0})
	if picked.Len() != 2 || !slices.Equal(picked.Labels, []int32{2, 0}) || picked.SHA256() == set.Train.SHA256() {
		t.Errorf("picked %d images with the labels %v, want 2 with 2, 0 and another checksum",
			picked.Len(), picked.Labels)
	}
}

// TestManyImagesHaveThePixelsOfFew checks that images which do not fit into memory are prepared as those that do.
func TestManyImagesHaveThePixelsOfFew(t *testing.T) {
	folder := imageNetFixtures().Folder(t, "own")
	kept, err := OpenImages(t.Context(), folder, Options{Size: 16})
	fixture.Must(t, err)
	streamed, err := openFiles(t.Context(), folder, fileFormat{size: 16}, Options{})
	fixture.Must(t, err)
	for _, augment := range []bool{false, true} {
		options := LoaderOptions{BatchSize: 2, Augment: augment, Seed: 3}
		want, _ := epochOf(t, newTestLoader(t, kept.Train, options))
		got, _ := epochOf(t, newTestLoader(t, streamed.Train, options))
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("augmented %t: streamed images have other pixels than those in memory", augment)
		}
	}
	decoded, err := streamed.Test.Select([]int{2, 0}).InMemory(t.Context())
	fixture.Must(t, err)
	if want := kept.Test.Select([]int{2, 0}); decoded.SHA256() != want.SHA256() {
		t.Errorf("in memory, %d streamed images have the checksum %s, want %d with %s",
			decoded.Len(), decoded.SHA256(), want.Len(), want.SHA256())
	}
}

func TestOnlyAFewBatchesAreReadAhead(t *testing.T) {
	const workers, batchSize = 2, 4
	var opened atomic.Int32
	photo := fixture.PNG(16, 16, 1, 2)
	var files []filetree.File
	for i := range 1000 {
		open := func() (io.ReadCloser, error) {
			opened.Add(1)
			return io.NopCloser(bytes.NewReader(photo)), nil
		}
		files = append(files, filetree.File{Name: fmt.Sprintf("%d.png", i), Size: int64(len(photo)), Open: open})
	}
	set, err := readTree(filetree.New("own", files, nil), fileFormat{size: 16}, Options{})
	fixture.Must(t, err)
	images := set.Test
	for range newTestLoader(t, images, LoaderOptions{BatchSize: batchSize, Workers: workers}).Iter() {
		for before := int32(-1); before != opened.Load(); time.Sleep(20 * time.Millisecond) {
			before = opened.Load()
		}
		if got, most := int(opened.Load()), (4*workers+2)*batchSize; got > most {
			t.Errorf("%d images were read while the first batch was in use, want at most %d", got, most)
		}
		break
	}
}

func TestDamagedStreamedImageStopsTheEpoch(t *testing.T) {
	files := imageNetFixtures().With("train/n02/1.JPEG", []byte("no image"))
	set, err := Open(t.Context(), "imagenet", Options{Data: files.Folder(t, "imagenet"), Size: 16})
	fixture.Must(t, err)
	for range newTestLoader(t, set.Test, LoaderOptions{BatchSize: 2}).Iter() {
	}
	var failed error
	for _, err := range newTestLoader(t, set.Train, LoaderOptions{BatchSize: 1}).Iter() {
		failed = err
	}
	fixture.WantError(t, failed, "train/n02/1.JPEG", "not a JPEG, PNG or WebP")
	_, err = set.Train.InMemory(t.Context())
	fixture.WantError(t, err, "train/n02/1.JPEG", "not a JPEG, PNG or WebP")
}

func TestImageNetOIsTestImages(t *testing.T) {
	files := fixture.Files{{"imagenet-o/n01/1.JPEG", fixture.JPEG(30, 30, 1, 1)}, {"imagenet-o/n02/1.JPEG", fixture.JPEG(30, 30, 1, 1)},
		{"imagenet-o/README.txt", nil}}
	set, err := Open(t.Context(), "imagenet-o", Options{Data: fixture.Write(t, "imagenet-o.tar", files.Tarred(t)), TestOnly: true})
	fixture.Must(t, err)
	if set.Test.Len() != 2 || set.Test.Height != 224 || set.Test.Labels != nil {
		t.Errorf("got %s, want 2 images of 224x224 pixels without labels", set)
	}
}

// photograph is a JPEG of the dimensions that most of ImageNet's have, and about as many bytes as they have on average
// (110 KB): like a photograph it has detail at every scale, the less the finer.
func photograph() []byte {
	const width, height, finest, coarsest = 500, 375, 1, 128
	random := rand.New(rand.NewPCG(1, 1))
	light := make([]float64, width*height*channels)
	for size := coarsest; size >= finest; size /= 2 {
		for channel := range channels {
			across := width/size + 2
			grid := make([]float64, across*(height/size+2))
			for i := range grid {
				grid[i] = random.NormFloat64() * 14 * math.Pow(float64(size), 0.35)
			}
			for i := range width * height {
				x, y := i%width, i/width
				right, down := float64(x%size)/float64(size), float64(y%size)/float64(size)
				corner := grid[y/size*across+x/size:]
				light[i*channels+channel] += (corner[0]*(1-right)+corner[1]*right)*(1-down) +
					(corner[across]*(1-right)+corner[across+1]*right)*down
			}
		}
	}
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		grey := light[i*channels] // colours vary less than the light
		red, blue := grey+0.3*light[i*channels+1], grey+0.3*light[i*channels+2]
		level := func(light float64) uint8 { return uint8(min(max(128+light, 0), 255)) }
		picture.SetRGBA(i%width, i/width, color.RGBA{level(red), level(grey), level(blue), 255})
	}
	var buffer bytes.Buffer
	if err := jpeg.Encode(&buffer, picture, &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

// BenchmarkImageNet measures the pipeline from files of ImageNet's size to batches, on as many processors as -cpu says;
// images/s/core is what one of them does. Half of the time goes into decoding, in package image/jpeg, and two fifths
// into resizing, in golang.org/x/image/draw.
func BenchmarkImageNet(b *testing.B) {
	const count = 64
	photo := photograph()
	var files fixture.Files
	for i := range count {
		for _, part := range []string{"train", "val"} {
			files = append(files, fixture.Files{{fmt.Sprintf("%s/n%02d/%d.JPEG", part, i%2, i), photo}}...)
		}
	}
	set, err := Open(b.Context(), "imagenet", Options{Data: files.Folder(b, "imagenet")})
	fixture.Must(b, err)
	for _, mode := range []struct {
		name    string
		images  *Images
		augment bool
	}{{"train", set.Train, true}, {"test", set.Test, false}} {
		b.Run(mode.name, func(b *testing.B) {
			loader := newTestLoader(b, mode.images, LoaderOptions{BatchSize: 8, Shuffle: true, Augment: mode.augment})
			done := 0
			for b.Loop() {
				for batch, err := range loader.Iter() {
					fixture.Must(b, err)
					fixture.Must(b, batch.Finalize())
				}
				done += count
			}
			perCore := float64(done) / b.Elapsed().Seconds() / float64(runtime.GOMAXPROCS(0))
			b.ReportMetric(perCore, "images/s/core")
			b.ReportMetric(float64(len(photo)), "bytes/image")
		})
	}
}
