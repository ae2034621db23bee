package reports

import "github.com/dismax-go/dismax/dismaxlib/record"

// noNetwork stands in the place of a loss where no network was asked.
const noNetwork = "(no network)"

// floor is the first that a record of the section holds, nil where none does.
func (s *section) floor() *record.Detection {
	for _, r := range s.all() {
		for _, out := range r.OutOfDistribution {
			if out.Floor != nil {
				return out.Floor
			}
		}
	}
	return nil
}

// floorsOn are the floors on the sets, as far as each run was measured against them, once for all runs with the same
// images: the floor asks no network, so that it differs with the images alone.
func (s *section) floorsOn(sets ...string) [][]*record.Detection {
	var all [][]*record.Detection
	seen := map[string]bool{}
	for _, r := range s.all() {
		images, floors := r.Data.Test.SHA256, []*record.Detection(nil)
		for _, set := range sets {
			if out, err := outOfDistribution(r, set); err == nil && out.Floor != nil {
				images, floors = images+" "+out.Set.SHA256, append(floors, out.Floor)
			}
		}
		if len(floors) > 0 && !seen[images] {
			seen[images] = true
			all = append(all, floors)
		}
	}
	return all
}

// overFloors is the metric of floors, the mean over the sets.
func (m detectionMetric) overFloors(floors [][]*record.Detection) statistic {
	var values []float64
	for _, sets := range floors {
		sum := 0.0
		for _, floor := range sets {
			sum += m.of(floor)
		}
		values = append(values, sum/float64(len(sets)))
	}
	return summarize(values)
}
