package training_test

import (
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

func TestAFolderHasACheckpointOnceOneWasSaved(t *testing.T) {
	stopped := trainedUntil(t, 1)
	for folder, want := range map[string]bool{stopped: true, t.TempDir(): false, filepath.Join(stopped, "nowhere"): false} {
		if got, err := training.HasCheckpoint(folder); got != want || err != nil {
			t.Errorf("%s: got %v, %v, want %v", folder, got, err, want)
		}
	}
}
