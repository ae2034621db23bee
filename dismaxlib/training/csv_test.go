package training_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

func TestCSVHasALineForEveryEpoch(t *testing.T) {
	var out strings.Builder
	watcher := training.CSV(&out)
	watcher.Resume([]training.Epoch{{Number: 1, Step: 10, LearningRate: 0.1, Loss: 2.5, Images: 640, Seconds: 2, ImagesPerSecond: 320}})
	watcher.Epoch(training.Epoch{Number: 2, Step: 20, Loss: 1, Validation: &training.Validation{Loss: 1.5, Accuracy: 0.5}})
	want := "epoch,step,learning_rate,loss,validation_loss,validation_accuracy,images,seconds,images_per_second\n" +
		"1,10,0.1,2.5,,,640,2,320\n" +
		"2,20,0,1,1.5,0.5,0,0,0\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
