package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// pair is two seeds of two losses, long trained: records without a caution, after the change of the first.
func pair(change func(*record.Record)) []*record.Record {
	var records []*record.Record
	for _, loss := range []string{"softmax", "dismax"} {
		for seed := range int64(2) {
			r := fixture.New(loss, seed)
			r.Spec.Dataset, r.Spec.Epochs = "flowers", len(r.Epochs)
			records = append(records, r)
		}
	}
	change(records[0])
	return records
}

func TestCautionsAreSilentWithoutCause(t *testing.T) {
	if got := Cautions(pair(func(*record.Record) {})...); len(got) > 0 {
		t.Errorf("got %q, want none", got)
	}
	if got := Cautions(); len(got) > 0 {
		t.Errorf("no records: got %q, want none", got)
	}
}

func TestCautionsNameTheCause(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*record.Record)
		want   []string
	}{
		"protocol": {func(r *record.Record) { r.Spec.Protocol = record.Paper },
			[]string{"fitted on the test images", "Do not compare them"}},
		"validation": {func(r *record.Record) { r.Data.Validation = record.Set{} }, []string{"no held-out images"}},
		"temperature": {func(r *record.Record) { r.Test.Temperature = 100 },
			[]string{"temperature of SoftMax lies at the end"}},
		"epochs": {func(r *record.Record) { r.Spec.Epochs = 3 },
			[]string{"differ in more than loss and model: epochs (3; 60)"}},
		"train limit": {func(r *record.Record) { r.Spec.TrainLimit, r.Data.Train.Images = 10000, 9000 },
			[]string{"Trained on 9,000 images"}},
		"test limit": {func(r *record.Record) { r.Spec.TestLimit, r.Data.Test.Images, r.Test.Accuracy = 100, 100, 0.5 },
			[]string{"Tested on only 100 images", "±9.8 points"}},
		"synthetic": {func(r *record.Record) { r.Data.Test.Found = "synthetic" }, []string{"images are synthetic"}},
		"copies": {func(r *record.Record) {
			r.OutOfDistribution[0].Set.Format, r.OutOfDistribution[1].Set.Format = "JPEG 4:2:0", "JPEG 4:2:0"
		}, []string{"SVHN (JPEG 4:2:0) were read from JPEG copies, not from the original files, those of " +
			"TinyImageNet (resize) (JPEG 4:2:0) from JPEG files"}},
		"splits": {func(r *record.Record) { r.Spec.HoldOutClasses = []string{"cat", "dog"} },
			[]string{"hold out different classes", "cat, dog; none"}},
		"same seed": {func(r *record.Record) { r.Spec.Seed = 1 }, []string{"Two runs of SoftMax have the same seed"}},
		"checksum":  {func(r *record.Record) { r.Data.Test.SHA256 = "ab" }, []string{"checksums of the test images differ"}},
		"set checksum": {func(r *record.Record) { r.OutOfDistribution[1].Set.SHA256 = "ab" },
			[]string{"checksums of SVHN differ"}},
		"missing set": {func(r *record.Record) { r.OutOfDistribution = r.OutOfDistribution[:1] },
			[]string{"Not all runs of SoftMax were measured against SVHN"}},
		"dtype": {func(r *record.Record) { r.Spec.DType = "bfloat16" },
			[]string{"SoftMax (dtype bfloat16) were computed in 16 bits", "loss and model: dtype (bfloat16; float32)"}},
		"convention": {func(r *record.Record) { r.OutOfDistribution[0].Scores[0].Convention = "another" },
			[]string{"different conventions: another; made up"}},
		"converted": {func(r *record.Record) {
			r.Converted = &record.Conversion{From: "paper", LeftOut: []string{"KNN", "JPEG size"}}
			r.Epochs[0].Diagnostic = &record.Diagnostic{}
		}, []string{"measured anew, from the stored logits: the runs measured it by convention paper.", "AUROC after epochs",
			"do not give them: KNN and JPEG size"}},
		"uncommitted": {func(r *record.Record) { r.Versions.DisMax = "abc+dirty" },
			[]string{"uncommitted changes (abc+dirty)", "different versions"}},
		"device": {func(r *record.Record) { r.Backend.Device = "Other" },
			[]string{"goconv on Other and goconv on Example processor: do not compare their speed"}},
		"not finite": {func(r *record.Record) { r.Epochs[6].Loss = math.NaN() },
			[]string{"loss of SoftMax, seed 0, was not finite in epoch 7"}},
		"ended": {func(r *record.Record) { r.Epochs = r.Epochs[:5] },
			[]string{"training of SoftMax ended before its last epoch"}},
		"stopped early": {func(r *record.Record) { r.Epochs, r.StoppedEarly = r.Epochs[:5], true },
			[]string{"training of SoftMax was stopped early"}},
		"held-out images": {func(r *record.Record) { r.HeldOut.Choices = []string{"temperature", "best epoch", "early stop"} },
			[]string{"held-out images of SoftMax served to choose the network (best epoch and early stop)"}},
		"absent score": {func(r *record.Record) { r.OutOfDistribution[1].Scores = r.OutOfDistribution[1].Scores[1:] },
			[]string{"SoftMax lack results of scores that go with their loss: MPS against SVHN"}},
		"second score": {func(r *record.Record) { r.Loss.Scores = []string{"MPS", "KNN"} },
			[]string{"KNN against TinyImageNet (resize) and KNN against SVHN"}},
		"no score": {func(r *record.Record) { r.Loss.Scores = nil },
			[]string{"records of SoftMax do not say which score goes with their loss"}},
		"score parameters": {func(r *record.Record) {
			r.OutOfDistribution[0].Scores[0].Parameters = map[string]float64{"temperature": 1000}
		}, []string{"computed MPS with different parameters"}},
		"chance": {func(r *record.Record) { r.Test.Accuracy = 0.11 }, []string{"SoftMax is little above chance"}},
	} {
		t.Run(name, func(t *testing.T) {
			check.Holds(t, strings.Join(Cautions(pair(test.change)...), "\n"), test.want...)
		})
	}
}

func TestSplitsExplainTheChecksumsOfTheirOwnImagesAlone(t *testing.T) {
	split := func(of func(*record.Record)) string {
		records := pair(func(r *record.Record) {
			r.Spec.HoldOutClasses, r.Data.Test.SHA256 = []string{"cat"}, "ab"
			r.OutOfDistribution[1].Set.SHA256 = "cd"
			of(r)
		})
		for _, r := range records {
			r.OutOfDistribution[1].Set.Name, r.OutOfDistribution[1].Set.Title = record.HeldOutClassesSet, "Held-out classes"
		}
		return strings.Join(Cautions(records...), "\n")
	}
	if got := split(func(*record.Record) {}); strings.Contains(got, "checksums") {
		t.Errorf("got %q, want nothing of checksums", got)
	}
	got := split(func(r *record.Record) { r.OutOfDistribution[0].Set.SHA256 = "ef" })
	check.Holds(t, got, "the checksums of TinyImageNet (resize) differ.")
}

func TestCautionsCompareTheLengthOfTrainingWithThePaper(t *testing.T) {
	for _, test := range []struct {
		dataset  string
		epochs   int
		cautions string // "" for none
	}{
		{"cifar10", 3, "Trained for 3 epochs; the paper trains for 300"},
		{"cifar100", 300, ""},
		{"imagenet", 1, "Trained for 1 epoch; the paper trains for 90"},
		{"flowers", 5, "Trained for only 5 epochs."},
		{"flowers", 30, ""},
	} {
		r := fixture.New("dismax", 1)
		r.Spec.Dataset, r.Spec.Epochs, r.Epochs = test.dataset, test.epochs, make([]record.Epoch, test.epochs)
		got := strings.Join(checkEpochs(sections([]*record.Record{r})[0]), "\n")
		if !strings.Contains(got, test.cautions) || test.cautions == "" && got != "" {
			t.Errorf("%s, %d epochs: got %q, want %q", test.dataset, test.epochs, got, test.cautions)
		}
	}
}

func TestCautionsSpeakOfSingleRuns(t *testing.T) {
	one := fixture.New("dismax", 1)
	check.Holds(t, strings.Join(Cautions(one), "\n"), "A single run: another seed")
	check.Holds(t, strings.Join(Cautions(one, fixture.New("softmax", 1)), "\n"), "Single runs of SoftMax and DisMax")
}

func TestCautionsTellNothingOfATrainingThatWasNotSeen(t *testing.T) {
	run := changed("softmax", 1, func(r *record.Record) { r.Spec.HoldOutClasses = []string{"cat"} })
	for name, test := range map[string]struct {
		records []*record.Record
		want    string
	}{
		"one":              {[]*record.Record{given()}, "A single network: another training gives other numbers."},
		"two of one model": {[]*record.Record{given(), given()}, "No training of mine was seen"},
		"beside a run":     {[]*record.Record{given(), run}, "Single networks of unknown loss, mine and SoftMax, ResNet-34"},
	} {
		got := strings.Join(Cautions(test.records...), "\n")
		check.Holds(t, got, test.want)
		for _, says := range []string{"seed", "differ in more than", "hold out different"} {
			if strings.Contains(got, says) {
				t.Errorf("%s: the cautions say %q:\n%s", name, says, got)
			}
		}
	}
	check.Holds(t, Table(given(), given()).Text(false), "over the given networks")
}

func TestCautionsOfSeveralDataSetsNameTheirs(t *testing.T) {
	other := changed("dismax", 1, trainedOn("cifar100", "CIFAR-100"))
	check.Holds(t, strings.Join(Cautions(fixture.New("dismax", 1), other), "\n"),
		"CIFAR-10: Trained for", "CIFAR-100: Trained for")
}
