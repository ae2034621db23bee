// Package cores says how long a computation would take on more cores than this machine has.
//
// Whatever runs tasks in parallel asks [Current] for a [Recording]. While there is one, it splits its work as it would
// for [Recording.Cores], but lets [Recording.Run] do the tasks one after the other and note how long each takes.
// [Recording.Take] gives what was noted, and [Simulate] what the same tasks would take side by side. Nothing is recorded
// unless [Start] was called; until then Current costs one load of a pointer.
//
// A recording is of a process with one core (GOMAXPROCS=1), so that no task waits for another. What it takes to
// read the clock is subtracted; the collection of garbage counts where it happens. The simulation knows neither that
// cores share memory bandwidth and caches, nor what it takes to wake them, nor that they lower their clocks when all are
// busy: what it says is the least time that the tasks allow.
package cores
