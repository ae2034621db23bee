package parallel_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/dismax-go/dismax/internal/parallel"
)

func TestEveryIndexIsCalledOnce(t *testing.T) {
	for _, processors := range []int{1, 2, 7} {
		previous := runtime.GOMAXPROCS(processors)
		for _, count := range []int{0, 1, 2, 3, 127, 128, 1000, 12345} {
			calls := make([]atomic.Int32, count)
			if err := parallel.For(count, func(i int) error { calls[i].Add(1); return nil }); err != nil {
				t.Errorf("%d calls on %d processors: %v", count, processors, err)
			}
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Fatalf("of %d calls on %d processors, that of %d was made %d times", count, processors, i, got)
				}
			}
		}
		runtime.GOMAXPROCS(previous)
	}
}

func TestErrorIsThatOfTheSmallestIndex(t *testing.T) {
	for _, failing := range [][]int{{0}, {999}, {500, 501, 502}, {3, 997}, {10, 20, 30, 40}, {128, 64, 256}} {
		for range 50 {
			err := parallel.For(1000, func(i int) error {
				for _, bad := range failing {
					if i == bad {
						return fmt.Errorf("index %d", i)
					}
				}
				return nil
			})
			smallest := failing[0]
			for _, bad := range failing {
				smallest = min(smallest, bad)
			}
			if want := fmt.Sprintf("index %d", smallest); err == nil || err.Error() != want {
				t.Fatalf("with %v failing, got the error %v, want %s", failing, err, want)
			}
		}
	}
}

func TestAfterAnErrorLittleIsBegun(t *testing.T) {
	stop := errors.New("stop")
	var calls atomic.Int32
	if err := parallel.For(1_000_000, func(int) error { calls.Add(1); return stop }); err != stop {
		t.Errorf("got the error %v, want %v", err, stop)
	}
	if got := int(calls.Load()); got > runtime.GOMAXPROCS(0) {
		t.Errorf("%d calls were made after the first failed, want at most one for each processor", got)
	}
}

// BenchmarkFor measures what a turn costs beyond its work.
func BenchmarkFor(b *testing.B) {
	values := make([]float64, 100_000)
	for b.Loop() {
		_ = parallel.For(len(values), func(i int) error { values[i]++; return nil })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(values)), "ns/turn")
}
