package cores

import (
	"sync/atomic"
	"time"
)

// Section is how long each of some tasks takes that may run at the same time, in the order in which they are begun.
type Section []time.Duration

// Kernel is sections one after the other, with work between them that may not run at the same time.
type Kernel struct {
	Name     string
	Elapsed  time.Duration // in all
	Sections []Section
}

// Work is what was recorded in some time. Durations are of processor time where the system tells it, as Linux does, and
// without what recording takes.
type Work struct {
	Kernels []Kernel // one after the other
	// Delegated is what was left to others that may have parallelism of their own, which is not known.
	Delegated time.Duration
	// Overhead is what recording took.
	Overhead time.Duration
}

// Recording notes kernels and their sections, from one goroutine.
type Recording struct {
	cores int
	work  Work
	clock time.Duration // what it takes to read it
}

var current atomic.Pointer[Recording]

// Start begins a recording of the whole process, in the place of the one before. Work is split for that many cores.
func Start(cores int) *Recording {
	const readings = 100
	before := now()
	for range readings - 1 {
		now()
	}
	r := &Recording{cores: cores, clock: (now() - before) / readings}
	current.Store(r)
	return r
}

// Stop ends whatever recording there is.
func Stop() { current.Store(nil) }

// Current is the recording that was started, or nil.
func Current() *Recording { return current.Load() }

// Cores is for how many cores work is to be split.
func (r *Recording) Cores() int { return r.cores }

// Kernel does a kernel, whose sections pass through [Recording.Run].
func (r *Recording) Kernel(do func()) {
	r.work.Kernels = append(r.work.Kernels, Kernel{})
	overhead, before := r.work.Overhead, now()
	do()
	elapsed := now() - before - r.clock
	r.work.Kernels[len(r.work.Kernels)-1].Elapsed = elapsed - (r.work.Overhead - overhead)
	r.work.Overhead += 2 * r.clock
}

// Run calls task(0) to task(tasks-1) and notes them as a section of the kernel that is being done. The kernel gets its
// name from the first section.
func (r *Recording) Run(name func() string, tasks int, task func(int)) {
	if tasks == 0 {
		return
	}
	start := now()
	k := &r.work.Kernels[len(r.work.Kernels)-1]
	if k.Name == "" {
		k.Name = name()
	}
	section := make(Section, tasks)
	k.Sections = append(k.Sections, section)
	before := now()
	r.work.Overhead += before - start + r.clock
	for i := range tasks {
		task(i)
		after := now()
		section[i] = max(0, after-before-r.clock)
		before = after
	}
	r.work.Overhead += time.Duration(tasks) * r.clock
}

// Delegate does what is left to others, and notes its time.
func (r *Recording) Delegate(do func() error) error {
	before := now()
	err := do()
	r.work.Delegated += now() - before - r.clock
	r.work.Overhead += 2 * r.clock
	return err
}

// Take returns what was recorded since the last call.
func (r *Recording) Take() Work {
	taken := r.work
	r.work = Work{}
	return taken
}
