package cores

import (
	"cmp"
	"slices"
	"time"
)

// Sum is how long the section takes on one core.
func (s Section) Sum() (sum time.Duration) {
	for _, task := range s {
		sum += task
	}
	return sum
}

// On is how long the section takes on that many cores if each takes the next task as soon as it is free, which is how
// package goconv runs tasks.
func (s Section) On(cores int) time.Duration {
	free := make([]time.Duration, max(1, cores)) // when each core is
	for _, task := range s {
		next := 0
		for core, at := range free {
			if at < free[next] {
				next = core
			}
		}
		free[next] += task
	}
	return slices.Max(free)
}

// On is how long the kernel takes on that many cores: its sections one after the other, the rest on one core.
func (k *Kernel) On(cores int) time.Duration {
	on := k.Elapsed
	for _, s := range k.Sections {
		on += s.On(cores) - s.Sum()
	}
	return on
}

// Simulate returns how long work would take on that many cores that took elapsed on one, with its overhead: the kernels
// one after the other, and everything else on one core.
func Simulate(w *Work, elapsed time.Duration, cores int) time.Duration {
	elapsed -= w.Overhead
	for i := range w.Kernels {
		elapsed += w.Kernels[i].On(cores) - w.Kernels[i].Elapsed
	}
	return elapsed
}

// Serial is the part of elapsed in which there is work for no second core: all that is outside of sections of at least
// two tasks, but for the overhead. What was delegated is in it.
func Serial(w *Work, elapsed time.Duration) time.Duration {
	elapsed -= w.Overhead
	for i := range w.Kernels {
		for _, s := range w.Kernels[i].Sections {
			if len(s) > 1 {
				elapsed -= s.Sum()
			}
		}
	}
	return elapsed
}

// Outside is the part of elapsed that is spent neither in kernels nor by others to whom work was delegated, but for the
// overhead.
func Outside(w *Work, elapsed time.Duration) time.Duration {
	elapsed -= w.Overhead + w.Delegated
	for i := range w.Kernels {
		elapsed -= w.Kernels[i].Elapsed
	}
	return elapsed
}

// Loss says how much of the time on many cores the kernels of a name cost beyond an even share of their work.
type Loss struct {
	Name    string
	Kernels int
	Fewest  int           // tasks that the longest section of one of them has
	On      time.Duration // all of them, on the cores
	Lost    time.Duration // of that, more than what they take on one core divided by the cores
}

// Losses sums up the kernels of a name, the largest loss first.
func Losses(w *Work, cores int) []Loss {
	var losses []Loss
	for i := range w.Kernels {
		k := &w.Kernels[i]
		at := slices.IndexFunc(losses, func(l Loss) bool { return l.Name == k.Name })
		if at < 0 {
			at, losses = len(losses), append(losses, Loss{Name: k.Name, Fewest: k.tasksOfLongest()})
		}
		l, on := &losses[at], k.On(cores)
		l.Kernels++
		l.Fewest = min(l.Fewest, k.tasksOfLongest())
		l.On += on
		l.Lost += on - k.Elapsed/time.Duration(cores)
	}
	slices.SortStableFunc(losses, func(a, b Loss) int { return cmp.Compare(b.Lost, a.Lost) })
	return losses
}

// tasksOfLongest is how many tasks the kernel's longest section has, 0 if there is none.
func (k *Kernel) tasksOfLongest() int {
	longest := Section{}
	for _, s := range k.Sections {
		if s.Sum() >= longest.Sum() {
			longest = s
		}
	}
	return len(longest)
}
