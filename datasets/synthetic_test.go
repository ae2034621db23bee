package datasets

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestSyntheticImagesDependOnTheirSeedAlone(t *testing.T) {
	for _, name := range []string{"synthetic", "synthetic-near", "synthetic-far"} {
		t.Run(name, func(t *testing.T) {
			open := func(limit int, seed int64) *Images {
				set, err := Open(t.Context(), name, Options{TrainLimit: 10, TestLimit: limit, SyntheticSeed: seed})
				fixture.Must(t, err)
				return set.Test
			}
			large, small, other := open(40, 0), open(20, 0), open(20, 1)
			if !bytes.Equal(large.Pixels[:len(small.Pixels)], small.Pixels) {
				t.Error("the first 20 images depend on how many are made")
			}
			if bytes.Equal(small.Pixels, other.Pixels) {
				t.Error("another seed made the same images")
			}
		})
	}
}

func TestSyntheticTrainingAndTestImagesDiffer(t *testing.T) {
	set, err := Open(t.Context(), "synthetic", Options{TrainLimit: 10, TestLimit: 10})
	fixture.Must(t, err)
	for i := range 10 {
		if bytes.Equal(set.Train.At(i), set.Test.At(i)) {
			t.Errorf("training and test image %d are the same", i)
		}
	}
}

func TestSyntheticSetIsBalancedAndSplit(t *testing.T) {
	set, err := Open(t.Context(), "synthetic", Options{TrainLimit: 200, TestLimit: 50, ValidationShare: 0.1})
	fixture.Must(t, err)
	if len(set.Classes) != 10 {
		t.Fatalf("%d classes, want 10", len(set.Classes))
	}
	for _, part := range []struct {
		name   string
		images *Images
		want   int // of each class
	}{{"train", set.Train, 18}, {"validation", set.Validation, 2}, {"test", set.Test, 5}} {
		counts := make([]int, 10)
		for _, label := range part.images.Labels {
			counts[label]++
		}
		if slices.Min(counts) != part.want || slices.Max(counts) != part.want {
			t.Errorf("%s: %v images per class, want %d of each", part.name, counts, part.want)
		}
	}
}

func TestTintedSetsHaveTheirNumberOfClasses(t *testing.T) {
	for name, want := range map[string]int{"synthetic-5": 5, "synthetic-10": 10, "synthetic-100": 100} {
		set, err := Open(t.Context(), name, Options{TrainLimit: 2 * want, TestLimit: 2 * want})
		fixture.Must(t, err)
		names := slices.Clone(set.Classes)
		slices.Sort(names)
		if len(slices.Compact(names)) != want || slices.Max(set.Train.Labels) != int32(want-1) {
			t.Errorf("%s: %d different classes and labels up to %d, want %d", name, len(names), slices.Max(set.Train.Labels), want)
		}
	}
}

// Two classes of one figure differ in the mean colour of their images, far more than the images of one class.
func TestHuesTellClassesOfOneFigureApart(t *testing.T) {
	set, err := Open(t.Context(), "synthetic-100", Options{TestLimit: 2000})
	fixture.Must(t, err)
	const red, cyan = 0, 50 // classes of the plain disc
	sums, counts := map[int32]int{}, map[int32]int{}
	for i, label := range set.Test.Labels {
		centre := set.Test.At(i)[(16*32+16)*3:]
		sums[label] += int(centre[0]) - int(centre[2])
		counts[label]++
	}
	if difference := sums[red]/counts[red] - sums[cyan]/counts[cyan]; difference < 60 {
		t.Errorf("%s has %d more red than blue at its centre than %s, want at least 60",
			set.Classes[red], difference, set.Classes[cyan])
	}
}

func TestSyntheticOutOfDistributionSetsHaveOnlyUnlabelledTestImages(t *testing.T) {
	for _, name := range []string{"synthetic-near", "synthetic-far"} {
		set, err := Open(t.Context(), name, Options{TestLimit: 7})
		fixture.Must(t, err)
		if set.Train != nil || set.Validation != nil || set.Test.Labels != nil || set.Test.Len() != 7 {
			t.Errorf("%s: got %s with %d labels, want 7 test images without labels", name, set, len(set.Test.Labels))
		}
	}
}

// BenchmarkSynthetic measures the making of a thousand images.
func BenchmarkSynthetic(b *testing.B) {
	for b.Loop() {
		if _, err := Open(b.Context(), "synthetic", Options{TrainLimit: 1000, TestLimit: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSyntheticImagesStayTheSame(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round some colours differently")
	}
	for name, want := range map[string]string{
		"synthetic":      "f2e5710e6ec3e2ff945d9812c53f373cd584c6d680289b26561e1a7cb024ddfb",
		"synthetic-near": "23b5b1caa0734d6d9cad8e514fe5cc0c19a767fb695c2668311fe82e239c1086",
		"synthetic-far":  "701709e8c3316d3f067461928724c088a380dda568cd5db6907941e7903bc946",
	} {
		set, err := Open(t.Context(), name, Options{TrainLimit: 1, TestLimit: 100, TestOnly: true})
		fixture.Must(t, err)
		if got := set.Test.SHA256(); got != want {
			t.Errorf("%s: checksum %s, want %s: published records name other images", name, got, want)
		}
	}
}
