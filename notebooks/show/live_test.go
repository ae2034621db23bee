package show

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

func TestCurvesOfATrainingSayWhereTheyEnd(t *testing.T) {
	done := []training.Epoch{{Number: 1, Loss: 2}, {Number: 2, Loss: 1.25}}
	p, err := epochCurves(done, 14)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Alt(), "Training loss. epoch 2 of 14: 1.2500. Horizontal axis: epoch."; !strings.HasPrefix(got, want) {
		t.Errorf("nothing held out: got %q, want %q", got, want)
	}
	for i := range done {
		done[i].Validation = &training.Validation{Accuracy: 0.5 + float64(i)/4}
	}
	if p, err = epochCurves(done, 14); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Training loss. epoch 2 of 14: 1.2500", "Accuracy on held-out images. epoch 2 of 14: 75.0%"} {
		if !strings.Contains(p.Alt(), want) {
			t.Errorf("got %q, want %q in it", p.Alt(), want)
		}
	}
}

func TestCurvesOfASingleEpochAreDrawn(t *testing.T) {
	for _, loss := range []float64{0, 1, -1} {
		p, err := epochCurves([]training.Epoch{{Number: 1, Loss: loss, Validation: &training.Validation{}}}, 1)
		if err != nil {
			t.Fatalf("loss %g: %v", loss, err)
		}
		if content, err := p.PNG(); err != nil {
			t.Errorf("loss %g: %v", loss, err)
		} else if _, err := png.Decode(bytes.NewReader(content)); err != nil {
			t.Errorf("loss %g: %v", loss, err)
		}
	}
	if _, err := epochCurves(nil, 3); err == nil { // of a run that goes on within its first epoch
		t.Error("no epoch: got a picture, want an error")
	}
	if _, err := epochCurves([]training.Epoch{{Number: 1, Loss: math.NaN()}}, 3); err == nil {
		t.Error("without a finite loss: got a picture, want an error")
	}
}
