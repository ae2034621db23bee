package datasets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// A data set of one's own: stripes, up or across.
func init() {
	datasets.Register(&datasets.Set{
		Info: datasets.Info{
			Name: "stripes", Title: "Stripes", Size: "200 images, 8x8, 2 classes",
			Licence: "any", Source: "this test", OutOfDistribution: []string{"synthetic-far"},
		},
		Open: func(context.Context, datasets.Options) (*datasets.Dataset, error) {
			const count, size = 200, 8
			images := &datasets.Images{Height: size, Width: size}
			for i := range count {
				images.Labels = append(images.Labels, int32(i%2))
				for pixel := range size * size {
					bright := uint8([]int{pixel / size, pixel % size}[i%2] % 2 * 200)
					images.Pixels = append(images.Pixels, bright, bright, uint8(i))
				}
			}
			return &datasets.Dataset{Train: images, Classes: []string{"across", "up"}}, nil
		},
	})
}

func TestRegisteredSetIsOpenedAndListedAsOthers(t *testing.T) {
	if !slices.Contains(datasets.Names(), "stripes") {
		t.Errorf("names %v, want stripes among them", datasets.Names())
	}
	for _, listing := range datasets.List(datasets.Options{}) {
		if listing.Name == "stripes" && (listing.Title != "Stripes" || !listing.Present) {
			t.Errorf("listed as %+v, want the title Stripes and present", listing)
		}
	}
	set, err := datasets.Open(t.Context(), "stripes", datasets.Options{TrainLimit: 100, TestLimit: 30, ValidationShare: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	want := "stripes: 80 training, 20 validation and 30 test images of 8x8 pixels in 2 classes, from stripes"
	if set.String() != want || set.Title != "Stripes" || len(set.Mean) != 3 || len(set.Std) != 3 {
		t.Errorf("got %s, titled %q, with the means %v and deviations %v; want %s", set, set.Title, set.Mean, set.Std, want)
	}
	if path, err := datasets.Fetch(t.Context(), "stripes", datasets.Options{}); path != "" || err != nil {
		t.Errorf("fetched %q with the error %v, want nothing", path, err)
	}
}

// A data set of one's own in a folder: five red and five green images.
func init() {
	datasets.Register(&datasets.Set{
		Info: datasets.Info{Name: "lights", Title: "Lights", Size: "10 images", Licence: "any", Source: "this test"},
		Open: func(ctx context.Context, options datasets.Options) (*datasets.Dataset, error) {
			return datasets.OpenImages(ctx, options.Data, options)
		},
	})
}

func TestRegisteredSetMayBeAFolder(t *testing.T) {
	var files fixture.Files
	for i := range 10 {
		class := []string{"green", "red"}[i%2]
		picture := fixture.PNG(8, 8, uint8(i%2*200), uint8((1-i%2)*200))
		files = files.With(fmt.Sprintf("%s/%d.png", class, i), picture)
	}
	set, err := datasets.Open(t.Context(), "lights",
		datasets.Options{Data: files.Folder(t, "pictures"), Size: 8, ValidationShare: 0.25})
	fixture.Must(t, err)
	want := "lights: 6 training, 2 validation and 2 test images of 8x8 pixels in 2 classes, from pictures"
	if set.String() != want || set.Title != "Lights" {
		t.Errorf("got %s, titled %q; want %s", set, set.Title, want)
	}
	if want := []string{"pictures: the images are not split: held out 2 to test on"}; !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
}

func TestWhatARegisteredSetReturnsStaysAsItIs(t *testing.T) {
	own := &datasets.Dataset{Train: &datasets.Images{Pixels: make([]uint8, 20*12), Labels: make([]int32, 20),
		Height: 2, Width: 2}}
	openWrong = func() (*datasets.Dataset, error) { return own, nil }
	for range 2 {
		set, err := datasets.Open(t.Context(), "wrong", datasets.Options{ValidationShare: 0.5, TrainLimit: 10})
		fixture.Must(t, err)
		if set.Train.Len() != 5 || set.Validation.Len() != 5 || set.Test.Len() != 4 {
			t.Errorf("got %s, want 5 training, 5 validation and 4 test images", set)
		}
	}
	if own.Train.Len() != 20 || own.Test != nil || own.Classes != nil || own.Notes != nil {
		t.Errorf("the set was changed to %s", own)
	}
}

func TestRegisteredSetServesOutOfDistribution(t *testing.T) {
	set, err := datasets.Open(t.Context(), "stripes", datasets.Options{TestOnly: true, Size: 32, TestLimit: 7})
	if err != nil {
		t.Fatal(err)
	}
	if set.Train != nil || set.Test.Len() != 7 || set.Test.Labels != nil || set.Test.Height != 32 || set.Classes != nil {
		t.Errorf("got %s, want 7 test images of 32x32 pixels without labels", set)
	}
}

// openWrong is the Open of the set "wrong".
var openWrong func() (*datasets.Dataset, error)

func init() {
	datasets.Register(&datasets.Set{
		Info: datasets.Info{Name: "wrong", Title: "Wrong", Size: "any", Licence: "any", Source: "this test"},
		Open: func(context.Context, datasets.Options) (*datasets.Dataset, error) { return openWrong() },
	})
}

func TestWhatARegisteredSetGetsWrongIsExplained(t *testing.T) {
	images := func(count, size int, labels ...int32) *datasets.Images {
		return &datasets.Images{Pixels: make([]uint8, count*size*size*3), Labels: labels, Height: size, Width: size}
	}
	for _, test := range []struct {
		name    string
		dataset *datasets.Dataset
		err     error
		want    []string
	}{
		{"nothing", nil, nil, []string{"returned nothing"}},
		{"an error", nil, errors.New("the disk is on fire"), []string{"on fire"}},
		{"no images", &datasets.Dataset{}, nil, []string{"no images"}},
		{"no labels", &datasets.Dataset{Train: images(2, 4), Test: images(1, 4)}, nil, []string{"training images", "no labels"}},
		{"too few labels", &datasets.Dataset{Train: images(2, 4, 0)}, nil, []string{"training images", "1 labels for 2"}},
		{"a label without a class", &datasets.Dataset{Train: images(2, 4, 0, 3), Classes: []string{"a", "b"}}, nil,
			[]string{"label 3", "0 to 1"}},
		{"a negative label", &datasets.Dataset{Train: images(2, 4, 0, -1)}, nil, []string{"label -1"}},
		{"two sizes", &datasets.Dataset{Train: images(2, 4, 0, 1), Test: images(1, 5, 0)}, nil, []string{"5x5", "4x4"}},
		{"part of an image", &datasets.Dataset{Test: &datasets.Images{Pixels: make([]uint8, 50), Height: 4, Width: 4}}, nil,
			[]string{"whole number"}},
		{"one mean", &datasets.Dataset{Train: images(2, 4, 0, 1), Mean: []float32{1}}, nil, []string{"1 means"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			openWrong = func() (*datasets.Dataset, error) { return test.dataset, test.err }
			_, err := datasets.Open(t.Context(), "wrong", datasets.Options{})
			if err == nil {
				t.Fatal("got no error")
			}
			for _, word := range append(test.want, "wrong") {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("error %q does not mention %q", err, word)
				}
			}
		})
	}
}

func TestSetsThatCannotBeRegisteredPanic(t *testing.T) {
	open := func(context.Context, datasets.Options) (*datasets.Dataset, error) { return nil, nil }
	for name, set := range map[string]*datasets.Set{
		"no Open":    {Info: datasets.Info{Name: "empty"}},
		"no name":    {Open: open},
		"taken name": {Info: datasets.Info{Name: "cifar10"}, Open: open},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			datasets.Register(set)
		})
	}
}
