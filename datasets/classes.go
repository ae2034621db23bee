package datasets

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/internal/registry"
)

// holdOutClasses takes the named classes out of the set: the others are numbered anew in their order, and the test
// images of those taken out, as many of each as the limit allows, become HeldOutClasses.
func (set *Dataset) holdOutClasses(names []string, limit int) error {
	out := make([]bool, len(set.Classes))
	for _, name := range names {
		class, err := set.class(name)
		if err != nil {
			return fmt.Errorf("holding out classes: %w", err)
		}
		out[class] = true
	}
	stay, leave, kept := make([]int32, len(out)), make([]int32, len(out)), []string(nil)
	for class, name := range set.Classes {
		stay[class], leave[class] = -1, int32(class-len(kept))
		if !out[class] {
			stay[class], leave[class] = int32(len(kept)), -1
			kept = append(kept, name)
		}
	}
	switch {
	case len(kept) < 2:
		return fmt.Errorf("holding out %d of %d classes: at least two must stay", len(out)-len(kept), len(out))
	case set.Test == nil || set.Test.Labels == nil:
		return errors.New("holding out classes: the test images have no labels")
	}
	set.HeldOutClasses = set.Test.renumber(leave).limit(len(out)-len(kept), limit).unlabelled()
	set.Train, set.Validation = set.Train.renumber(stay), set.Validation.renumber(stay)
	set.Test, set.Classes = set.Test.renumber(stay), kept
	return nil
}

// class returns the number of the class with the name, or with the number that the name is.
func (set *Dataset) class(name string) (int, error) {
	if class := slices.Index(set.Classes, name); class >= 0 {
		return class, nil
	}
	if class, err := strconv.Atoi(name); err == nil && class >= 0 && class < len(set.Classes) {
		return class, nil
	}
	return 0, fmt.Errorf("%w class %q: choose one of %s, or a number from 0 to %d",
		registry.ErrUnknown, name, strings.Join(set.Classes, ", "), len(set.Classes)-1)
}

// renumber returns the images whose label has a new number, with that number; -1 leaves images out.
func (images *Images) renumber(numbers []int32) *Images {
	if images == nil {
		return nil
	}
	var kept []int
	for i, label := range images.Labels {
		if numbers[label] >= 0 {
			kept = append(kept, i)
		}
	}
	renumbered := images.Select(kept)
	for i, label := range renumbered.Labels {
		renumbered.Labels[i] = numbers[label]
	}
	return renumbered
}
