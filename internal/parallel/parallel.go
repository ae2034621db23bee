// Package parallel runs the turns of a loop on all processors. [For] is all of it.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blocksPerWorker is how many blocks of turns a worker takes on average: few enough that a turn of some nanoseconds is
// worth it, and so many that the workers end at about the same time.
const blocksPerWorker = 64

// For calls f(0) to f(count-1) on all processors, about in this order, and returns when all calls have. After an error
// no call with a larger index begins, and For returns the error of the smallest index that fails, whatever the timing.
func For(count int, f func(i int) error) error {
	workers := min(count, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		return inOrder(count, f)
	}
	loop := &loop{count: count, block: max(1, count/(workers*blocksPerWorker)), f: f}
	loop.failed.Store(int64(count))
	var group sync.WaitGroup
	for range workers {
		group.Go(loop.work)
	}
	group.Wait()
	return loop.err
}

// inOrder is [For] on the caller's processor.
func inOrder(count int, f func(i int) error) error {
	for i := range count {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

// loop is a call of [For] under way.
type loop struct {
	count, block int
	f            func(i int) error

	next   atomic.Int64 // the first index of the next block
	failed atomic.Int64 // the smallest index that failed, or count
	mu     sync.Mutex
	err    error // of the smallest index that failed
}

// work takes blocks until none is left. Blocks are given out in order and those below a failed index are finished, so
// that the smallest index that fails is always found.
func (l *loop) work() {
	for {
		start := int(l.next.Add(int64(l.block))) - l.block
		for i := start; i < min(start+l.block, l.count); i++ {
			if int64(i) > l.failed.Load() {
				return
			}
			if err := l.f(i); err != nil {
				l.fail(i, err)
				return
			}
		}
		if start >= l.count {
			return
		}
	}
}

// fail keeps the error if no smaller index failed.
func (l *loop) fail(i int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if int64(i) < l.failed.Load() {
		l.failed.Store(int64(i))
		l.err = err
	}
}
