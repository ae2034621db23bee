package kept_test

import (
	"runtime"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kept"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// made doubles the weights, and counts how often.
type made struct {
	slot  *kept.Slot
	times int
}

func (m *made) of(w []float32) []float32 {
	floats, release := m.slot.Floats(w, len(w), kerneltest.AtOnce, func(to []float32) {
		m.times++
		for i, v := range w {
			to[i] = 2 * v
		}
	})
	defer release()
	return slices.Clone(floats)
}

func (m *made) check(t *testing.T, w []float32, times int) {
	t.Helper()
	for i, got := range m.of(w) {
		if got != 2*w[i] {
			t.Fatalf("float %d: got %v, want %v", i, got, 2*w[i])
		}
	}
	if m.times != times {
		t.Errorf("made %d times so far, want %d", m.times, times)
	}
}

// weights are more than a task reads for the checksum, and no whole number of tasks.
func weights() []float32 {
	w := make([]float32, 150_001)
	for i := range w {
		w[i] = float32(i)
	}
	return w
}

func TestWeightsAreKeptFromTheSecondCallOnUntilTheyChange(t *testing.T) {
	m, w := made{slot: kept.NewStore().Slot("doubled")}, weights()
	m.check(t, w, 1)
	m.check(t, w, 2) // seen twice: kept
	m.check(t, w, 2)
	m.check(t, slices.Clone(w), 2) // other memory, same weights
	for _, changed := range []int{0, 70_000, len(w) - 1} {
		before := m.times
		w[changed]++
		m.check(t, w, before+1)
		m.check(t, w, before+2)
		m.check(t, w, before+2)
	}
}

func TestEqualFormsShareWhatIsKept(t *testing.T) {
	store, w := kept.NewStore(), weights()
	first, same, other := made{slot: store.Slot("doubled")}, made{slot: store.Slot("doubled")}, made{slot: store.Slot("others")}
	first.check(t, w, 1)
	first.check(t, w, 2)
	same.check(t, w, 0)
	other.check(t, w, 1)
	runtime.KeepAlive(first.slot)
}

func TestWithoutASlotNothingIsKept(t *testing.T) {
	var m made
	for times := range 3 {
		m.check(t, weights(), times+1)
	}
}

func TestWhatNoSlotKeepsIsForgotten(t *testing.T) {
	store, w := kept.NewStore(), weights()
	m := &made{slot: store.Slot("doubled")}
	m.check(t, w, 1)
	m.check(t, w, 2)
	if got := store.Len(); got != 1 {
		t.Fatalf("the store knows %d arrays, want 1", got)
	}
	runtime.KeepAlive(m)
	m = nil
	for range 100 { // cleanups run some time after a collection
		runtime.GC()
		if store.Len() == 0 {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("the store still knows %d arrays", store.Len())
}
