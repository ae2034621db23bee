package backends

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

const sameAnswers = 1e-4

func TestADetectorOfOneBackendAnswersTheSameOnTheOther(t *testing.T) {
	xla, inGo := both(t)
	for _, test := range []struct {
		name        string
		from, to    opened
		devices     int
		wantBackend string
	}{
		{"trained on goconv", inGo, xla, 1, "goconv"},
		{"trained on two devices of XLA", xla, inGo, 2, xlaName},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			r := run(t, folder, test.from, test.devices)
			if r.Backend.Name != test.wantBackend || r.Backend.Devices != test.devices {
				t.Errorf("the record says %+v; want %d devices of %s", r.Backend, test.devices, test.wantBackend)
			}
			exported, err := experiment.Detector(folder, experiment.DetectorOptions{Backend: test.from.compute})
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "detector.dismax")
			if err := exported.Save(path); err != nil {
				t.Fatal(err)
			}
			loaded, err := detect.Load(test.to.compute, path)
			if err != nil {
				t.Fatal(err)
			}
			checkAnswers(t, answers(t, loaded), answers(t, exported), exported.Threshold())
		})
	}
}

// run trains and evaluates for a moment.
func run(t *testing.T, folder string, on opened, devices int) *record.Record {
	t.Helper()
	spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
	spec.TrainLimit, spec.TestLimit, spec.BatchSize, spec.ValidationShare = 160, 40, 16, 0.5
	r, err := experiment.Run(t.Context(), spec, experiment.Options{
		Backend: on.compute, Choice: on.choice, Devices: devices, Offline: true, Folder: folder,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func answers(t *testing.T, detector *detect.Detector) []detect.Answer {
	t.Helper()
	all, err := detector.Detect(t.Context(), images(t).Test.Pixels)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// checkAnswers compares scores relative to the largest, probabilities, and the decisions on scores that are not as
// close to the threshold as the scores may differ.
func checkAnswers(t *testing.T, got, want []detect.Answer, threshold detect.Threshold) {
	t.Helper()
	largest, apart := 0.0, 0.0
	for _, answer := range want {
		largest = max(largest, math.Abs(answer.Score))
	}
	for i := range want {
		distance := math.Abs(got[i].Score-want[i].Score) / largest
		for class, probability := range want[i].Probabilities {
			distance = max(distance, math.Abs(got[i].Probabilities[class]-probability))
		}
		apart = max(apart, distance)
		near := math.Abs(want[i].Score-threshold.Value) <= sameAnswers*largest
		if !(distance <= sameAnswers) || got[i].In != want[i].In && !near {
			t.Errorf("image %d: %+v; want %+v", i, got[i], want[i])
		}
	}
	t.Logf("%d answers differ by %.1e at most", len(want), apart)
}
