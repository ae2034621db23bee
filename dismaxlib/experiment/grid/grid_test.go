package grid_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// scaleNamed returns a scale that exists.
func scaleNamed(t *testing.T, name string) *grid.Scale {
	t.Helper()
	scale, err := grid.ScaleByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return scale
}

// runsOf lists the runs of a grid, by its name or its file's content.
func runsOf(t *testing.T, nameOrContent, scale string) []grid.Run {
	t.Helper()
	name := nameOrContent
	if strings.HasPrefix(name, "{") {
		name = filepath.Join(t.TempDir(), "own.json")
		if err := os.WriteFile(name, []byte(nameOrContent), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	named, err := grid.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := named.Runs(scaleNamed(t, scale))
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestTheGridsOfThePaperAreAsLargeAsIts(t *testing.T) {
	for name, want := range map[string]int{
		"table2-cifar10": 3 * 5 * 10, "table2-cifar100": 3 * 5 * 10, "imagenet": 5 * 10,
	} {
		if got := len(runsOf(t, name, "paper")); got != want {
			t.Errorf("%s: got %d runs, want %d", name, got, want)
		}
	}
}

// The published settings, see package experiment's Defaults for those that no scale sets.
func TestThePapersScaleIsAsPublished(t *testing.T) {
	for _, test := range []struct {
		grid          string
		epochs, batch int
		drops         []int
	}{
		{"table2-cifar10", 300, 64, []int{150, 200, 250}},
		{"imagenet", 90, 256, []int{30, 60}},
	} {
		spec := runsOf(t, test.grid, "paper")[0].Spec
		if spec.Epochs != test.epochs || spec.BatchSize != test.batch || !slices.Equal(spec.LearningRateDrops, test.drops) {
			t.Errorf("%s: %d epochs of batches of %d with drops at %v, want %d, %d and %v", test.grid,
				spec.Epochs, spec.BatchSize, spec.LearningRateDrops, test.epochs, test.batch, test.drops)
		}
		checkMethod(t, spec)
		if spec.TrainLimit != 0 || spec.TestLimit != 0 || spec.Protocol != record.Paper {
			t.Errorf("%s: limits %d and %d, protocol %s, want all images and the paper's", test.grid,
				spec.TrainLimit, spec.TestLimit, spec.Protocol)
		}
	}
}

// checkMethod compares what no scale changes with the published values.
func checkMethod(t *testing.T, spec record.Spec) {
	t.Helper()
	if spec.LearningRate != 0.1 || spec.Momentum != 0.9 || !spec.Nesterov || spec.WeightDecay != 1e-4 || !spec.Augment ||
		spec.CalibrationBins != 15 || spec.Convention != "paper" {
		t.Errorf("the method differs from the paper's: %+v", spec)
	}
}

// The published code was run with these settings on a CPU, so that its results can be compared with.
func TestTheCPUScaleIsThePublishedCodesSmallRun(t *testing.T) {
	runs := runsOf(t, "table2-cifar10", "cpu")
	for _, run := range runs {
		spec := run.Spec
		checkMethod(t, spec)
		want := spec
		want.Dataset, want.Model, want.Epochs, want.BatchSize = "cifar10", "resnet20", 15, 64
		want.LearningRateDrops, want.TrainLimit, want.TestLimit = []int{7, 10, 12}, 10_000, 0
		want.Protocol, want.HeldOutBeyondLimit = record.HeldOut, true
		if !reflect.DeepEqual(spec, want) {
			t.Errorf("got %+v, want %+v", spec, want)
		}
	}
	var seeds []int64
	for _, run := range runs {
		seeds = append(seeds, run.Spec.Seed)
	}
	if !slices.IsSorted(seeds) || seeds[0] != 1 || seeds[len(seeds)-1] != 5 {
		t.Errorf("seeds: got %v, want 1 to 5, the runs of the first in front", seeds)
	}
}

func TestEveryGridHasRunsAtEveryScale(t *testing.T) {
	for _, name := range grid.Names() {
		for _, scale := range grid.Scales() {
			runs := runsOf(t, name, scale.Name)
			if len(runs) == 0 {
				t.Errorf("%s at %s has no runs", name, scale.Name)
			}
			for i, run := range runs {
				if run.Index != i {
					t.Errorf("%s at %s: run %d has index %d", name, scale.Name, i, run.Index)
				}
				if scale.Name == "smoke" && run.Spec.Dataset != "synthetic" {
					t.Errorf("%s at smoke wants data set %s", name, run.Spec.Dataset)
				}
			}
		}
	}
}

func TestHeldOutClassesDifferBySeedAndShrinkTheLimit(t *testing.T) {
	for _, run := range runsOf(t, "held-out", "cpu") {
		if len(run.Spec.HoldOutClasses) != 4 || run.Spec.TrainLimit != 6000 {
			t.Errorf("seed %d: %v held out and %d training images, want four classes and a thousand images of each other",
				run.Spec.Seed, run.Spec.HoldOutClasses, run.Spec.TrainLimit)
		}
	}
}

// A grid that is half done when the program is updated goes on in the same folders.
func TestTheNamesOfRunsStay(t *testing.T) {
	runs := runsOf(t, "table2-cifar10", "cpu")
	for _, want := range []string{
		"cifar10-resnet20-softmax-seed1-54d0a54c", "cifar10-resnet20-isomax-seed1-7b597271",
		"cifar10-resnet20-isomaxplus-seed1-12857a73", "cifar10-resnet20-dismax-seed1-325b23e8",
		"cifar10-resnet20-dismax-fpr-seed1-3a78b4a7",
	} {
		if !slices.ContainsFunc(runs, func(run grid.Run) bool { return run.Name == want }) {
			t.Errorf("no run is named %s", want)
		}
	}
}

func TestTheGridsOfRealImagesAtTheCPUScale(t *testing.T) {
	for name, want := range map[string]int{
		"table2-cifar10": 5 * 5, "held-out": 3 * 5, "fpr-alpha": 8 * 3, "budget": 3 * (2 + 2 + 1), "classes": 2 * 5 * 3,
		"epochs": 3, "border": 2 * 5,
		"scores": 3 * 5, "calibration": 3 * 5, "efficiency": 5,
		"table2-quoted": 2 * 5,
	} {
		if got := len(runsOf(t, name, "cpu")); got != want {
			t.Errorf("%s: got %d runs, want %d", name, got, want)
		}
	}
}

// Four times the epochs of a fifth of the images are about as many steps as 12 epochs of all but the held-out ones.
func TestTheBudgetsAreSpentAlike(t *testing.T) {
	for _, run := range runsOf(t, "budget", "cpu") {
		spec := run.Spec
		got := [3]int{spec.Epochs, spec.LearningRateDrops[0], grid.TrainingSteps(spec) / 100}
		if !slices.Contains([][3]int{{60, 30, 93}, {12, 6, 91}, {30, 15, 229}}, got) || spec.Protocol != record.HeldOut {
			t.Errorf("%d images: epochs, first drop and hundreds of steps are %v, protocol %s", spec.TrainLimit, got, spec.Protocol)
		}
	}
}

func TestSmokeTakesSecondsWhateverAGridSays(t *testing.T) {
	for _, run := range runsOf(t, "budget", "smoke") {
		if spec := run.Spec; spec.Epochs != 2 || spec.TrainLimit != 320 {
			t.Errorf("got %d epochs of %d images, want 2 of 320", spec.Epochs, spec.TrainLimit)
		}
	}
}

func TestAFileVariesOverItsLists(t *testing.T) {
	runs := runsOf(t, `{"title": "mine", "runs": [
		{"dataset": "cifar10", "loss": ["softmax", "dismax"], "seed": [1, 2], "epochs": 6, "model": "resnet8"},
		{"dataset": "cifar10", "loss": "softmax", "seed": 1, "epochs": 6, "model": "resnet8"},
		{"dataset": "svhn", "model": "resnet8", "seed": 9, "out_of_distribution": ["cifar10", "lsun"]},
		{"dataset": "svhn", "model": "resnet8", "seed": 9, "learning_rate_drops": [[1], [2, 3]], "train_limit": 0}
	]}`, "cpu")
	var got []string
	for _, run := range runs {
		s := run.Spec
		content, err := json.Marshal([]any{s.Dataset, s.Loss, s.Seed, s.LearningRateDrops, s.OutOfDistribution, s.HeldOutBeyondLimit})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(content))
	}
	want := []string{
		`["cifar10","softmax",1,[3,4,5],null,true]`, `["cifar10","dismax",1,[3,4,5],null,true]`,
		`["cifar10","softmax",2,[3,4,5],null,true]`, `["cifar10","dismax",2,[3,4,5],null,true]`,
		`["svhn","dismax",9,[7,10,12],["cifar10","lsun"],true]`,
		`["svhn","dismax",9,[1],null,false]`, `["svhn","dismax",9,[2,3],null,false]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheSameSpecHasTheSameFolderInEveryGrid(t *testing.T) {
	table := runsOf(t, "table2-cifar10", "cpu")
	shared := 0
	for _, run := range runsOf(t, "fpr-alpha", "cpu") {
		if slices.ContainsFunc(table, func(other grid.Run) bool { return other.Name == run.Name }) {
			shared++
		}
	}
	if shared != 2*3 {
		t.Errorf("fpr-alpha shares %d runs with table2-cifar10, want those of dismax and dismax-fpr with 3 seeds", shared)
	}
}

func TestAWrongGridSaysWhatIsWrong(t *testing.T) {
	for content, says := range map[string]string{
		`{"runs": [{"dataset": "cifar10", "los": "dismax"}]}`:  `no field "los"`,
		`{"runs": [{"dataset": "cifar10", "loss": "hinge"}]}`:  `unknown loss "hinge"`,
		`{"runs": [{"loss": "dismax"}]}`:                       "name one",
		`{"runs": [{"dataset": "cifar10", "loss": []}]}`:       "field loss: an empty list",
		`{"runs": [{"dataset": "cifar10", "epochs": "many"}]}`: "epochs",
		`{"runs": [{"dataset": "cifar10", "most_seeds": 0}]}`:  "most_seeds: want a whole number",
		`{"runs": []}`: `no "runs"`,
		`{"runs": `:    "unexpected end",
		`{"runs": [{"dataset": "cifar10", "held_out_beyond_limit": true, "train_limit": 0}]}`: "beyond the limit",
	} {
		file := filepath.Join(t.TempDir(), "wrong.json")
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		named, err := grid.Open(file)
		if err == nil {
			_, err = named.Runs(scaleNamed(t, "cpu"))
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one with %q", content, err, says)
		}
	}
	if _, err := grid.Open("table3"); err == nil || !strings.Contains(err.Error(), "table2-cifar10") {
		t.Errorf("unknown grid: error %v, want one that lists the known", err)
	}
	if _, err := grid.ScaleByName("huge"); err == nil || !strings.Contains(err.Error(), "smoke") {
		t.Errorf("unknown scale: error %v, want one that lists the known", err)
	}
}
