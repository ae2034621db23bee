package datasets

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// openWith opens the synthetic figures.
func openWith(t *testing.T, options Options) *Dataset {
	t.Helper()
	set, err := Open(t.Context(), "synthetic", options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestHeldOutClassesAreNowhereButInTheirOwnSet(t *testing.T) {
	all := openWith(t, Options{})
	first, last := all.Classes[0], all.Classes[len(all.Classes)-1]
	set := openWith(t, Options{
		HoldOutClasses: []string{first, "9"}, TrainLimit: 80, TestLimit: 40, ValidationShare: 0.1,
	})
	if want := all.Classes[1:9]; !slices.Equal(set.Classes, want) {
		t.Errorf("classes: got %v, want %v", set.Classes, want)
	}
	counts := []int{set.Train.Len(), set.Validation.Len(), set.Test.Len(), set.HeldOutClasses.Len()}
	if want := []int{72, 8, 40, 40}; !slices.Equal(counts, want) {
		t.Errorf("training, validation, test and held-out images: got %v, want %v", counts, want)
	}
	if set.HeldOutClasses.Labels != nil {
		t.Error("the images of held-out classes have labels")
	}
	original := map[string]string{} // pixels to class
	for _, images := range []*Images{all.Train, all.Test} {
		for i, label := range images.Labels {
			original[string(images.At(i))] = all.Classes[label]
		}
	}
	for _, images := range []*Images{set.Train, set.Validation, set.Test} {
		for i, label := range images.Labels {
			if got, want := set.Classes[label], original[string(images.At(i))]; got != want {
				t.Fatalf("an image of %s is labelled %s", want, got)
			}
		}
	}
	unseen := map[string]int{}
	for i := range set.HeldOutClasses.Len() {
		unseen[original[string(set.HeldOutClasses.At(i))]]++
	}
	if want := (map[string]int{first: 20, last: 20}); !maps.Equal(unseen, want) {
		t.Errorf("images of held-out classes: got %v, want %v", unseen, want)
	}
}

func TestHoldingOutClassesThatCannotBeNamesThem(t *testing.T) {
	for _, test := range []struct {
		classes []string
		says    string
	}{
		{[]string{"unicorn"}, `unknown class "unicorn"`},
		{[]string{"10"}, `unknown class "10"`},
		{[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}, "at least two must stay"},
	} {
		_, err := Open(t.Context(), "synthetic", Options{HoldOutClasses: test.classes})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v: error %v, want one with %q", test.classes, err, test.says)
		}
	}
}

func TestValidationBeyondTheLimitLeavesAllOfItToTraining(t *testing.T) {
	plain := openWith(t, Options{TrainLimit: 100})
	set := openWith(t, Options{TrainLimit: 100, ValidationShare: 0.2, ValidationBeyondLimit: true, Seed: 7})
	if set.Train.SHA256() != plain.Train.SHA256() {
		t.Error("the training images are not those of the limit alone")
	}
	trained := map[string]bool{}
	for i := range set.Train.Len() {
		trained[string(set.Train.At(i))] = true
	}
	perClass := map[int32]int{}
	for i, label := range set.Validation.Labels {
		perClass[label]++
		if trained[string(set.Validation.At(i))] {
			t.Fatalf("validation image %d is trained on", i)
		}
	}
	for class := range int32(10) {
		if perClass[class] != 2 {
			t.Errorf("class %d: got %d validation images, want 2", class, perClass[class])
		}
	}
	other := openWith(t, Options{TrainLimit: 100, ValidationShare: 0.2, ValidationBeyondLimit: true, Seed: 8})
	if other.Validation.SHA256() == set.Validation.SHA256() {
		t.Error("another seed draws the same validation images")
	}
}

func TestValidationBeyondALimitNeedsOneAndImagesLeft(t *testing.T) {
	for _, test := range []struct {
		options Options
		says    string
	}{
		{Options{ValidationShare: 0.1, ValidationBeyondLimit: true}, "need a limit"},
		{Options{ValidationShare: 0.1, ValidationBeyondLimit: true, TrainLimit: 10000, HoldOutClasses: []string{"0"}}, "leaves none to hold out"},
	} {
		if _, err := Open(t.Context(), "synthetic", test.options); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: error %v, want one with %q", test.options, err, test.says)
		}
	}
}
