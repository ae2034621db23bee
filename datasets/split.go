package datasets

import (
	"math"
	"math/rand/v2"
	"slices"
)

// limitPerClass returns the indices of the images to keep, in ascending order: limit of them, the first of each class,
// as many of each class as of any other, and one more of the first classes where the classes do not divide the limit.
// A class with fewer images gives all it has; the others do not make up for it. Limit 0 keeps all, and without classes
// the first are kept.
func limitPerClass(labels []int32, classes, limit int) []int {
	if limit == 0 || limit >= len(labels) {
		return upTo(len(labels))
	}
	if classes == 0 {
		return upTo(limit)
	}
	room := make([]int, classes)
	for class := range room {
		room[class] = limit / classes
		if class < limit%classes {
			room[class]++
		}
	}
	var kept []int
	for i, label := range labels {
		if room[label] > 0 {
			room[label]--
			kept = append(kept, i)
		}
	}
	return kept
}

// holdOut splits images into those to train on and those to validate on: of each class the share given, rounded, drawn
// by the seed. A class of at least two images gives at least one to either, unless the share is 0; a single image is
// trained on. Both keep the order of the images. The indices are ascending.
func holdOut(labels []int32, classes int, share float64, seed int64) (train, validation []int) {
	byClass := make([][]int, classes)
	for i, label := range labels {
		byClass[label] = append(byClass[label], i)
	}
	random := rand.New(rand.NewPCG(uint64(seed), streamValidation))
	for _, members := range byClass {
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		count := int(math.Round(share * float64(len(members))))
		if share > 0 {
			count = max(0, min(max(count, 1), len(members)-1))
		}
		validation = append(validation, members[:count]...)
		train = append(train, members[count:]...)
	}
	slices.Sort(train)
	slices.Sort(validation)
	return train, validation
}

// holdOutBeyond draws images to validate on from those that are not trained on: of each class as many as the share of
// its training images, rounded and at least one, or all that are left. The indices are ascending.
func holdOutBeyond(labels []int32, train []int, classes int, share float64, seed int64) []int {
	trained, counts := make([]bool, len(labels)), make([]int, classes)
	for _, i := range train {
		trained[i] = true
		counts[labels[i]]++
	}
	left := make([][]int, classes)
	for i, label := range labels {
		if !trained[i] {
			left[label] = append(left[label], i)
		}
	}
	random := rand.New(rand.NewPCG(uint64(seed), streamValidation))
	var validation []int
	for class, members := range left {
		random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		count := max(1, int(math.Round(share*float64(counts[class]))))
		validation = append(validation, members[:min(count, len(members))]...)
	}
	slices.Sort(validation)
	return validation
}

// upTo returns 0, 1, …, n-1.
func upTo(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// Streams keep apart the random numbers that are drawn from one seed for different purposes.
const (
	streamValidation uint64 = iota + 1
	streamShuffle
	streamAugment
	streamSynthetic
)
