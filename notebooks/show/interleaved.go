package show

import "github.com/dismax-go/dismax/datasets"

// Interleaved returns the labelled images in an order that takes one of each class by turns, so that neighbours have different
// classes as long as there are any of another.
func Interleaved(images *datasets.Images) *datasets.Images {
	byClass := map[int32][]int{}
	classes := int32(0)
	for i, label := range images.Labels {
		byClass[label] = append(byClass[label], i)
		classes = max(classes, label+1)
	}
	var order []int
	for round := 0; len(order) < len(images.Labels); round++ {
		for class := range classes {
			if of := byClass[class]; round < len(of) {
				order = append(order, of[round])
			}
		}
	}
	return images.Select(order)
}
