package experiment_test

import (
	"runtime"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

// What a run holds after its second epoch is all that it will ever hold, but for a line of history for each epoch.
func TestTheHeapDoesNotGrowFromEpochToEpoch(t *testing.T) {
	const epochs, from = 20, 2
	type state struct{ bytes, objects uint64 }
	var after []state
	spec := smallSpec("dismax-fpr", record.HeldOut)
	spec.Epochs = epochs
	_, err := runIn(t, t.TempDir(), spec, func(o *experiment.Options) {
		o.Watchers = []training.Watcher{{Epoch: func(training.Epoch) {
			var now runtime.MemStats
			runtime.GC()
			runtime.GC() // what finalizers and pools let go of
			runtime.ReadMemStats(&now)
			after = append(after, state{now.HeapAlloc, now.HeapObjects})
		}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	first, last := after[from-1], after[epochs-1]
	t.Logf("figure: heap after epoch %d: %d bytes in %d objects; after epoch %d: %d bytes in %d objects",
		from, first.bytes, first.objects, epochs, last.bytes, last.objects)
	const bytesOfHistory, objectsOfHistory = 4096, 40 // an epoch's entry, several times over
	if last.bytes > first.bytes+(epochs-from)*bytesOfHistory || last.objects > first.objects+(epochs-from)*objectsOfHistory {
		t.Errorf("more was added than a history of epochs takes: %v", after)
	}
}
