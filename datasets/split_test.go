package datasets

import (
	"slices"
	"testing"
)

func TestLimitKeepsTheFirstOfEachClass(t *testing.T) {
	labels := []int32{0, 0, 0, 1, 1, 1, 2}
	for _, test := range []struct {
		name    string
		classes int
		limit   int
		want    []int
	}{
		{"no limit", 3, 0, []int{0, 1, 2, 3, 4, 5, 6}},
		{"balanced", 3, 3, []int{0, 3, 6}},
		{"one more of the first classes", 3, 5, []int{0, 1, 3, 4, 6}},
		{"a class with too few", 3, 6, []int{0, 1, 3, 4, 6}},
		{"fewer than classes", 3, 2, []int{0, 3}},
		{"larger than the set", 3, 100, []int{0, 1, 2, 3, 4, 5, 6}},
		{"without classes", 0, 2, []int{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := limitPerClass(labels, test.classes, test.limit); !slices.Equal(got, test.want) {
				t.Errorf("limitPerClass(%v, %d, %d) = %v, want %v", labels, test.classes, test.limit, got, test.want)
			}
		})
	}
}

func TestHoldOutIsStratifiedAndSeeded(t *testing.T) {
	labels := make([]int32, 300)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	train, validation := holdOut(labels, 3, 0.1, 5)
	perClass := make([]int, 3)
	for _, i := range validation {
		perClass[labels[i]]++
	}
	if !slices.Equal(perClass, []int{10, 10, 10}) {
		t.Errorf("validation images per class %v, want 10 of each", perClass)
	}
	if all := slices.Sorted(slices.Values(slices.Concat(train, validation))); !slices.Equal(all, upTo(300)) {
		t.Errorf("training and validation images together are not all images")
	}
	if _, again := holdOut(labels, 3, 0.1, 5); !slices.Equal(again, validation) {
		t.Errorf("the same seed gave another split")
	}
	if _, other := holdOut(labels, 3, 0.1, 6); slices.Equal(other, validation) {
		t.Errorf("another seed gave the same split")
	}
}

func TestHoldOutLeavesSomethingOnEitherSide(t *testing.T) {
	for _, test := range []struct {
		count int
		share float64
		want  int // validation images
	}{{1, 0.5, 0}, {2, 0.1, 1}, {2, 0.9, 1}, {5, 0, 0}, {5, 0.1, 1}, {5, 0.99, 4}, {0, 0.5, 0}, {20, 0.1, 2}} {
		train, validation := holdOut(make([]int32, test.count), 1, test.share, 1)
		if len(validation) != test.want || len(train) != test.count-test.want {
			t.Errorf("a share of %g of %d images: %d to train on and %d to validate on, want %d to validate on",
				test.share, test.count, len(train), len(validation), test.want)
		}
	}
}
