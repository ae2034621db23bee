package datasets

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls work(0) to work(count-1) from all processors, about in this order. After an error no further call
// begins; of several errors it returns that of the smallest index, whatever the timing.
func inParallel(count int, work func(i int) error) error {
	var (
		next   atomic.Int64
		group  sync.WaitGroup
		mu     sync.Mutex
		failed = count // the smallest index that failed
		first  error
	)
	for range min(count, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				if err := work(i); err != nil {
					next.Store(int64(count))
					mu.Lock()
					if i < failed {
						failed, first = i, err
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return first
}
