package cores

import (
	"sync/atomic"
	"time"
)

// Section is tasks that may run at the same time, between work that may not.
type Section struct {
	Name  string          // of the function that made the tasks, and what it makes
	Tasks []time.Duration // in the order in which they are begun
}

// Work is what was recorded in some time.
type Work struct {
	Sections []Section // one after the other
	// Delegated is what was left to others that may have parallelism of their own, which is not known.
	Delegated time.Duration
}

// Recording notes sections, from one goroutine.
type Recording struct {
	cores int
	work  Work
}

var current atomic.Pointer[Recording]

// Start begins a recording of the whole process, in the place of the one before. Work is split for that many cores.
func Start(cores int) *Recording {
	r := &Recording{cores: cores}
	current.Store(r)
	return r
}

// Stop ends whatever recording there is.
func Stop() { current.Store(nil) }

// Current is the recording that was started, or nil.
func Current() *Recording { return current.Load() }

// Cores is for how many cores work is to be split.
func (r *Recording) Cores() int { return r.cores }

// Run calls task(0) to task(tasks-1) and notes them as a section.
func (r *Recording) Run(name string, tasks int, task func(int)) {
	section := Section{Name: name, Tasks: make([]time.Duration, tasks)}
	for i := range tasks {
		start := time.Now()
		task(i)
		section.Tasks[i] = time.Since(start)
	}
	r.work.Sections = append(r.work.Sections, section)
}

// Delegate notes the time since start as spent by others.
func (r *Recording) Delegate(start time.Time) { r.work.Delegated += time.Since(start) }

// Take returns what was recorded since the last call.
func (r *Recording) Take() Work {
	taken := r.work
	r.work = Work{}
	return taken
}
