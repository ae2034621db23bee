package pretrained_test

import (
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/pretrained"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

const detectorPath = "files/cifar10.dismax"

func open(t *testing.T) (*detect.Detector, *record.Record) {
	t.Helper()
	detector, err := pretrained.CIFAR10(testkit.Backend(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pretrained.Record()
	if err != nil {
		t.Fatal(err)
	}
	return detector, r
}

func TestTheDetectorIsTheOneThatItsRecordMeasured(t *testing.T) {
	detector, r := open(t)
	if err := detect.Verify(detectorPath); err != nil {
		t.Error(err)
	}
	n := detector.Network()
	if n.Model.Name != r.Spec.Model || n.Loss.Name != r.Spec.Loss || detector.Temperature() != r.Test.Temperature {
		t.Errorf("the detector is a %s with %s and temperature %g, and its record's a %s with %s and %g",
			n.Model.Name, n.Loss.Name, detector.Temperature(), r.Spec.Model, r.Spec.Loss, r.Test.Temperature)
	}
	checksum, err := detector.WeightsSHA256()
	if err != nil || checksum != r.Model.WeightsSHA256 {
		t.Errorf("checksum of its weights: got %s (error: %v), want the record's %s", checksum, err, r.Model.WeightsSHA256)
	}
	if r.Spec.Dataset != "cifar10" || len(detector.ClassNames()) != 10 || detector.ClassNames()[0] != "airplane" {
		t.Errorf("it was trained on %s and knows %v, want the classes of CIFAR-10", r.Spec.Dataset, detector.ClassNames())
	}
}

// The record gives the number of images and the accuracy, which counts refused images, too.
func TestWhatTheDetectorIsWorthIsMeasuredOnTheRecordsTestSets(t *testing.T) {
	detector, r := open(t)
	images := map[string]int{r.Data.Test.Name: r.Data.Test.Images}
	for _, out := range r.OutOfDistribution {
		images[out.Set.Name] = out.Set.Images
	}
	if len(images) < 2 || len(detector.Measured()) != len(images) {
		t.Errorf("measured on %+v, want the sets %v, one of them unknown", detector.Measured(), images)
	}
	for _, m := range detector.Measured() {
		if m.Inputs != images[m.Set] || m.Known != (m.Set == r.Data.Test.Name) {
			t.Errorf("measured %+v, want %d images", m, images[m.Set])
		}
		if right := int(r.Test.Accuracy*float64(m.Inputs) + 0.5); m.Known && (m.Right > right || m.Right+m.Refused < right) {
			t.Errorf("measured %+v, which contradicts an accuracy of %g", m, r.Test.Accuracy)
		}
	}
}

func TestTheDetectorAnswersForAPhotograph(t *testing.T) {
	detector, _ := open(t)
	n := detector.Network()
	pixels, err := datasets.ReadImage("../../datasets/testdata/progressive.jpg", n.Height, n.Width)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := detector.Detect(t.Context(), pixels)
	if err != nil || len(answers) != 1 || len(answers[0].Probabilities) != 10 {
		t.Errorf("answers %+v (error: %v), want one, of ten probabilities", answers, err)
	}
}
