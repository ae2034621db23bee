package experiment_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/tests/testkit"
)

// contents returns all files of a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAFinishedRunIsLeftAlone(t *testing.T) {
	folder, first := smallRun(t, "dismax", record.HeldOut)
	before := contents(t, folder)
	var said []string
	second, err := runIn(t, folder, smallSpec("dismax", record.HeldOut), func(o *experiment.Options) {
		o.Log = func(line string) { said = append(said, line) }
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(second, first) || !reflect.DeepEqual(contents(t, folder), before) {
		t.Error("a finished run that was started again changed its record or its folder")
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "finished already") {
		t.Errorf("it said %q, want that the run is finished", all)
	}
}

func TestAFailedOrRefusedRunRemovesNothing(t *testing.T) {
	folder, _ := smallRun(t, "dismax", record.HeldOut)
	before := contents(t, folder)
	again := func(o *experiment.Options) { o.Again = true }
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, attempt := range map[string]func() error{
		"another seed": func() error {
			spec := smallSpec("dismax", record.HeldOut)
			spec.Seed = 2
			_, err := runIn(t, folder, spec)
			return err
		},
		"another evaluation without being asked to": func() error {
			spec := smallSpec("dismax", record.HeldOut)
			spec.Convention = "field"
			_, err := runIn(t, folder, spec)
			return err
		},
		"another protocol": func() error {
			_, err := runIn(t, folder, smallSpec("dismax", record.Paper), again)
			return err
		},
		"an out-of-distribution set that is not there": func() error {
			spec := smallSpec("dismax", record.HeldOut)
			spec.OutOfDistribution = []string{"svhn"}
			_, err := runIn(t, folder, spec, again, func(o *experiment.Options) { o.Offline, o.Data = true, t.TempDir() })
			return err
		},
		"a stop before the end": func() error {
			_, err := experiment.Run(stopped, smallSpec("dismax", record.HeldOut), experiment.Options{
				Backend: backendOf(t), Folder: folder, Again: true,
			})
			return err
		},
	} {
		if err := attempt(); err == nil {
			t.Errorf("%s: no error", name)
		} else if !reflect.DeepEqual(contents(t, folder), before) {
			t.Errorf("%s: the folder changed (%v)", name, err)
		}
	}
}

func TestAFinishedRunIsEvaluatedAgainWhenAsked(t *testing.T) {
	folder, first := smallRun(t, "dismax", record.HeldOut)
	spec := smallSpec("dismax", record.HeldOut)
	spec.Convention, spec.TestLimit = "field", 100
	second, err := runIn(t, folder, spec, func(o *experiment.Options) { o.Again = true })
	if err != nil {
		t.Fatal(err)
	}
	if second.Data.Test.Images != 100 || second.Model.WeightsSHA256 != first.Model.WeightsSHA256 || second.Epochs[0].Loss != first.Epochs[0].Loss {
		t.Errorf("got %d test images and weights %s, want 100 and those that were trained", second.Data.Test.Images, second.Model.WeightsSHA256)
	}
	named := map[string]bool{}
	for _, file := range second.Files() {
		named[filepath.Join(folder, filepath.FromSlash(file.Name))] = true
	}
	for path := range contents(t, filepath.Join(folder, "logits")) {
		if !named[path] {
			t.Errorf("%s is left of the former evaluation", path)
		}
	}
	if logits, _, err := experiment.LoadLogits(folder, "test"); err != nil || logits.Rows() != 100 {
		t.Errorf("got logits of %d images (%v), want 100", logits.Rows(), err)
	}
}

func TestWhatHasNoWeightsIsNotEvaluatedAgain(t *testing.T) {
	folder, r := smallRun(t, "dismax", record.HeldOut)
	again := func(o *experiment.Options) { o.Again = true }
	copied := filepath.Join(t.TempDir(), "copy")
	if err := experiment.Collect(folder, copied, experiment.CollectOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(folder, "checkpoint")); err != nil {
		t.Fatal(err)
	}
	for at, says := range map[string]string{copied: "copy without weights", folder: "no checkpoint"} {
		before := contents(t, at)
		_, err := runIn(t, at, r.Spec, again)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), at) {
			t.Errorf("error %v, want one that says %q and names the folder", err, says)
		}
		if !reflect.DeepEqual(contents(t, at), before) {
			t.Errorf("%s: the folder changed", says)
		}
	}
}

func TestTheTotalTimeIsThatOfTheWholeRun(t *testing.T) {
	const pause = 300 * time.Millisecond
	start := time.Now()
	r, err := runIn(t, t.TempDir(), smallSpec("dismax", record.HeldOut), func(o *experiment.Options) {
		o.Watchers = []training.Watcher{{Epoch: func(training.Epoch) { time.Sleep(pause) }}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start).Seconds(); r.TotalSeconds > took || r.TotalSeconds < r.TrainSeconds+pause.Seconds() {
		t.Errorf("%g s in all and %g of training steps, want at most the %g that it took, and %s between steps", r.TotalSeconds,
			r.TrainSeconds, took, pause)
	}
}

func TestAScoreThatIsNilIsAnError(t *testing.T) {
	options := experiment.Options{Backend: testkit.Backend(t), Folder: t.TempDir(), Scores: []*dismaxlib.Score{dismaxlib.MPS, nil}}
	_, err := experiment.Run(t.Context(), smallSpec("dismax", record.HeldOut), options)
	given := experiment.Given{Test: linear(30, 0), Convention: metrics.FieldConvention}
	_, ofOutputs := experiment.Evaluate(t.Context(), given, options)
	for _, err := range []error{err, ofOutputs} {
		if err == nil || !strings.Contains(err.Error(), "Options.Scores") {
			t.Errorf("error %v, want one that names Options.Scores", err)
		}
	}
}

func TestTheRecordHoldsWhatReportsPrint(t *testing.T) {
	_, r := smallRun(t, "own", record.HeldOut)
	if r.Loss.Title != "My own loss" || !reflect.DeepEqual(r.Loss.Scores, []string{"mean-feature", "MMLES"}) {
		t.Errorf("loss: got %+v", r.Loss)
	}
	if r.Model.Title != "A small network" || r.Data.Test.Title == "" || r.OutOfDistribution[0].Set.Title == "" {
		t.Errorf("titles: got %q, %q and %q", r.Model.Title, r.Data.Test.Title, r.OutOfDistribution[0].Set.Title)
	}
	if m := r.Model; len(m.ClassNames) != 10 || m.Height != 32 || m.Channels != 3 || len(m.Mean) != 3 || len(m.WeightsSHA256) != 64 {
		t.Errorf("model: got %+v", m)
	}
	last := r.OutOfDistribution[0].Scores[len(r.OutOfDistribution[0].Scores)-1]
	if last.Score != "mean-feature" || last.Title != meanFeature.Title || last.Parameters["power"] != 2 {
		t.Errorf("the loss's own score: got %+v", last)
	}
	if v := r.Epochs[0].Validation; v == nil || !(v.Loss > 0) || r.HeldOut.Images != 80 || len(r.HeldOut.Choices) != 1 {
		t.Errorf("validation %+v, held out %+v; want both", v, r.HeldOut)
	}
	if r.Compilations.Count < 1 || r.Compilations.Seconds <= 0 {
		t.Errorf("compilations: got %+v", r.Compilations)
	}
}

func TestADataSetOfTheUsersOwnNeedsNoName(t *testing.T) {
	open := func(name string, options datasets.Options) *datasets.Dataset {
		set, err := datasets.Open(t.Context(), name, options)
		if err != nil {
			t.Fatal(err)
		}
		set.Name += "-of-mine"
		return set
	}
	spec := smallSpec("softmax", record.HeldOut)
	spec.Dataset, spec.TrainLimit, spec.TestLimit = "", 0, 0
	r, err := runIn(t, t.TempDir(), spec, func(o *experiment.Options) {
		o.Dataset = open("synthetic", datasets.Options{TrainLimit: 160, TestLimit: 100, ValidationShare: 0.5})
		o.OutOfDistribution = []*datasets.Dataset{open("synthetic-far", datasets.Options{TestLimit: 100})}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Spec.Dataset != "synthetic-of-mine" || r.OutOfDistribution[0].Set.Name != "synthetic-far-of-mine" {
		t.Errorf("sets: got %s and %s", r.Spec.Dataset, r.OutOfDistribution[0].Set.Name)
	}
}

func TestACheckpointOfOtherImagesIsRefused(t *testing.T) {
	folder := t.TempDir()
	set := func() *datasets.Dataset {
		set, err := datasets.Open(t.Context(), "synthetic", datasets.Options{TrainLimit: 160, TestLimit: 100, ValidationShare: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	ctx, stop := context.WithCancel(t.Context())
	spec := smallSpec("dismax", record.HeldOut)
	_, err := experiment.Run(ctx, spec, experiment.Options{
		Backend: backendOf(t), Folder: folder, Dataset: set(), OutOfDistribution: []*datasets.Dataset{set()},
		Watchers: []training.Watcher{{Step: func(training.Step) { stop() }}},
	})
	if err == nil {
		t.Fatal("the run was not stopped")
	}
	changed := set()
	changed.Train.Pixels[0]++
	_, err = runIn(t, folder, spec, func(o *experiment.Options) {
		o.Dataset, o.OutOfDistribution = changed, []*datasets.Dataset{set()}
	})
	if err == nil || !strings.Contains(err.Error(), "training images") {
		t.Errorf("a run that goes on with other images: got %v, want a refusal that names the training images", err)
	}
}

func TestACheckpointOfAnotherSpecIsRefusedWithWhatDiffers(t *testing.T) {
	folder := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	spec := smallSpec("dismax", record.HeldOut)
	_, err := experiment.Run(ctx, spec, experiment.Options{
		Backend: backendOf(t), Folder: folder, Watchers: []training.Watcher{{Step: func(training.Step) { stop() }}},
	})
	if err == nil {
		t.Fatal("the run was not stopped")
	}
	spec.Loss, spec.LearningRate, spec.TestLimit = "softmax", 0.2, 50
	_, err = runIn(t, folder, spec)
	const want = `another run, learning rate is "0.1" there and "0.2" here; loss is "dismax" there and "softmax" here: choose`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a refusal that says %s", err, want)
	}
	spec = smallSpec("dismax", record.HeldOut)
	spec.HoldOutClasses = []string{"0"}
	_, err = runIn(t, folder, spec)
	if err == nil || !strings.Contains(err.Error(), `number of classes is "10" there and "9" here`) {
		t.Errorf("got %v, want a refusal that names the numbers of classes", err)
	}
}

func TestARunMeasuresThePostHocScoresThatApply(t *testing.T) {
	for loss, linear := range map[string]bool{"softmax": true, "dismax": false} {
		var said []string
		folder := t.TempDir()
		r, err := runIn(t, folder, smallSpec(loss, record.HeldOut), func(o *experiment.Options) {
			o.Scores = posthoc.Scores()
			o.Log = func(line string) { said = append(said, line) }
		})
		if err != nil {
			t.Fatal(err)
		}
		measured := map[string]bool{}
		for _, detection := range r.OutOfDistribution[0].Scores {
			measured[detection.Score] = true
		}
		for _, score := range posthoc.Scores() {
			if want := linear || !score.Needs.Has(dismaxlib.NeedsLinearHead); measured[score.Name] != want {
				t.Errorf("%s: score %s measured: got %v, want %v", loss, score.Name, measured[score.Name], want)
			}
		}
		if all := strings.Join(said, "\n"); strings.Contains(all, "ViM, DICE, fDBD") == linear {
			t.Errorf("%s: it said %q, want the scores that it leaves out and no others", loss, all)
		}
		for _, score := range []*dismaxlib.Score{posthoc.Scores()[3], dismaxlib.MPS} {
			if _, err := experiment.Detector(folder, experiment.DetectorOptions{Backend: testkit.Backend(t), Score: score}); err != nil {
				t.Errorf("%s: detector of %s: %v", loss, score.Name, err)
			}
		}
		_, err = experiment.Detector(folder, experiment.DetectorOptions{Backend: testkit.Backend(t), Score: posthoc.DICE(0.7)})
		if (err == nil) != linear || err != nil && !strings.Contains(err.Error(), "is not defined for the head of") {
			t.Errorf("%s: detector of DICE: got error %v, want one of the head: %v", loss, err, !linear)
		}
	}
}

func TestARunWhoseFolderVanishesDuringTheEvaluationFails(t *testing.T) {
	for name, vanish := range map[string]func(folder string) error{
		"the folder":     os.RemoveAll,
		"the checkpoint": func(folder string) error { return os.RemoveAll(filepath.Join(folder, "checkpoint")) },
		"the logits":     func(folder string) error { return os.RemoveAll(filepath.Join(folder, "logits")) },
		"the folder, for another": func(folder string) error {
			if err := os.Rename(folder, folder+"-before"); err != nil {
				return err
			}
			return os.MkdirAll(filepath.Join(folder, "checkpoint"), 0o755)
		},
	} {
		folder := filepath.Join(t.TempDir(), "run")
		_, err := runIn(t, folder, smallSpec("dismax", record.HeldOut), func(o *experiment.Options) {
			o.Log = func(line string) {
				if strings.HasPrefix(line, "evaluated on synthetic-far") {
					if err := vanish(folder); err != nil {
						t.Error(err)
					}
				}
			}
		})
		if err == nil || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), "run again") {
			t.Errorf("%s vanished: error %v, want one that names the folder", name, err)
		}
		if _, err := record.Read(folder); err == nil {
			t.Errorf("%s vanished: there is a record", name)
		}
	}
}
