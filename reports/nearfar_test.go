package reports

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestDistancesAreThoseOfOpenOOD(t *testing.T) {
	for _, test := range []struct {
		dataset, set string
		want         Distance
	}{
		{"cifar10", "cifar100", Near}, {"cifar100", "cifar10", Near}, {"cifar10", "tinyimagenet", Near},
		{"cifar10", "svhn", Far}, {"cifar10", "lsun", ""}, {"imagenet", "imagenet-o", ""}, {"photos", "svhn", ""},
		{"photos", record.HeldOutClassesSet, Near}, {"synthetic", "synthetic-near", Near},
		{"synthetic-5", "synthetic-far", Far},
	} {
		if got := DistanceOf(test.dataset, test.set); got != test.want {
			t.Errorf("%s against %s: got %q, want %q", test.dataset, test.set, got, test.want)
		}
	}
}

// areas is a run with these AUROCs of MPS, and the same of the floor, by the name of the set.
func areas(seed int64, of map[string]float64) *record.Record {
	return changed("softmax", seed, func(r *record.Record) {
		r.OutOfDistribution = nil
		for _, name := range []string{"cifar100", "tinyimagenet", "svhn", "lsun"} {
			if area, ok := of[name]; ok {
				mps := record.Detection{Score: "MPS", AUROC: area, FPR95: 1 - area}
				r.OutOfDistribution = append(r.OutOfDistribution, record.OutOfDistribution{
					Set:    record.Set{Name: name, Title: strings.ToUpper(name), SHA256: name},
					Scores: []record.Detection{mps}, Floor: &record.Detection{Score: "JPEG size", AUROC: area - 0.25},
				})
			}
		}
	})
}

func nearFar(records ...*record.Record) string {
	for _, g := range sections(records)[0].grids() {
		if g.name == "near-far" {
			var out strings.Builder
			g.markdown(&out)
			return out.String()
		}
	}
	return ""
}

func TestNearAndFarAreMeansOverTheirSets(t *testing.T) {
	table := nearFar(areas(1, map[string]float64{"cifar100": 0.5, "tinyimagenet": 0.75, "svhn": 0.875, "lsun": 1}))
	check.Holds(t, table, "| Near AUROC % | Near FPR95 % | Far AUROC % | Far FPR95 % |",
		"| SoftMax | ResNet-34 | MPS | 62.5 | 37.5 | 87.5 | 12.5 |",
		`| (no network) |  | JPEG size | 37.5 | 0.0 | 62.5 | 0.0 |`,
		"Near: CIFAR100 and TINYIMAGENET. Far: SVHN. In neither: LSUN.")
}

func TestNearAndFarHaveTheDeviationOfTheMeansOfRuns(t *testing.T) {
	first := areas(1, map[string]float64{"cifar100": 0.5, "tinyimagenet": 0.75, "svhn": 0.875})
	second := areas(2, map[string]float64{"cifar100": 0.75, "tinyimagenet": 0.5, "svhn": 0.625})
	check.Holds(t, nearFar(first, second), "| MPS | 62.5 ± 0.0 | 37.5 ± 0.0 | 75.0 ± 17.7 | 25.0 ± 17.7 |")
}

func TestASetThatSomeRunsLackIsNotInTheirMean(t *testing.T) {
	first := areas(1, map[string]float64{"cifar100": 0.5, "tinyimagenet": 0.75, "svhn": 0.875})
	second := areas(2, map[string]float64{"tinyimagenet": 0.75, "svhn": 0.875})
	check.Holds(t, nearFar(first, second), "| MPS | 75.0 ± 0.0 | 25.0 ± 0.0 |")
}

func TestNearAndFarStandSideBySideOrNotAtAll(t *testing.T) {
	for name, r := range map[string]*record.Record{
		"near only":          areas(1, map[string]float64{"cifar100": 0.5, "tinyimagenet": 0.75}),
		"far and no group":   areas(1, map[string]float64{"svhn": 0.5, "lsun": 0.75}),
		"sets of one's own":  own(1),
		"of no distribution": changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution = nil }),
	} {
		if got := nearFar(r); got != "" {
			t.Errorf("%s: got a table, want none:\n%s", name, got)
		}
	}
	if nearFar(fixture.New("dismax", 1)) == "" {
		t.Error("TinyImageNet and SVHN: got no table")
	}
}

// As OpenOOD measures, its table has the groups that there are.
func TestOneGroupSufficesInTheConventionOfOpenOOD(t *testing.T) {
	for name, test := range map[string]struct {
		of         map[string]float64
		holds, not string
	}{
		"near": {map[string]float64{"cifar100": 0.5, "tinyimagenet": 0.75}, "| MPS | 62.5 | 37.5 |", "Far"},
		"far":  {map[string]float64{"svhn": 0.875, "lsun": 0.75}, "| MPS | 87.5 | 12.5 |", "Near"},
	} {
		r := areas(1, test.of)
		for i := range r.OutOfDistribution {
			r.OutOfDistribution[i].Scores[0].Convention = "field"
		}
		got := nearFar(r)
		check.Holds(t, got, test.holds)
		if strings.Contains(got, test.not) {
			t.Errorf("%s: the table speaks of the other group:\n%s", name, got)
		}
	}
}
