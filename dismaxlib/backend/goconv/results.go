package goconv

import (
	"sync"
	"sync/atomic"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/compute/support"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// directKernel computes outputs from inputs, on as many goroutines as run starts for it.
type directKernel func(outputs, inputs [][]float32, workers int, run direct.Runner)

// result is memory for what a kernel makes. The inner backend never owns it, so that it can be used again.
type result struct {
	buffer compute.Buffer
	flat   []float32
	room   int // bytes that it has
}

// newResult returns memory of any content. It may be that of a result of another shape.
func (b *backend) newResult(shape shapes.Shape) (*result, error) {
	room := support.TwoBitBucketLen(4 * shape.Size())
	if pool, found := b.results.Load(room); found {
		if kept, _ := pool.(*sync.Pool).Get().(*result); kept != nil {
			var err error
			kept.flat, err = reshape(kept.buffer, shape)
			return kept, err
		}
	}
	inner, flat, err := b.Backend.NewSharedBuffer(0, shape)
	if err != nil {
		return nil, err
	}
	return &result{buffer: inner, flat: flat.([]float32), room: room}, nil
}

// keepResult keeps memory for the next result that needs as much room.
func (b *backend) keepResult(r *result) {
	pool, _ := b.results.LoadOrStore(r.room, new(sync.Pool))
	pool.(*sync.Pool).Put(r)
}

// run calls task(0) to task(tasks-1) on the backend's number of goroutines. A panic in a task comes out of run.
func (b *backend) run(tasks int, task func(int)) {
	workers := min(tasks, b.options.workers)
	if workers <= 1 {
		for i := range tasks {
			task(i)
		}
		return
	}
	var (
		group   sync.WaitGroup
		next    atomic.Int64
		problem atomic.Pointer[any]
	)
	work := func() {
		defer func() {
			if p := recover(); p != nil {
				problem.CompareAndSwap(nil, &p)
			}
		}()
		for i := next.Add(1) - 1; i < int64(tasks); i = next.Add(1) - 1 {
			task(int(i))
		}
	}
	for range workers - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	if p := problem.Load(); p != nil {
		panic(*p)
	}
}
