package cores

import (
	"slices"
	"time"
)

// Sum is how long the section takes on one core.
func (s *Section) Sum() (sum time.Duration) {
	for _, task := range s.Tasks {
		sum += task
	}
	return sum
}

// On is how long the section takes on that many cores if each takes the next task as soon as it is free, which is how
// package goconv runs tasks.
func (s *Section) On(cores int) time.Duration {
	if cores < 1 {
		cores = 1
	}
	free := make([]time.Duration, cores) // when each core is
	for _, task := range s.Tasks {
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

// Simulate returns how long work would take on that many cores that took elapsed on one: the sections one after the
// other, and everything else on one core.
func Simulate(w *Work, elapsed time.Duration, cores int) time.Duration {
	for i := range w.Sections {
		elapsed += w.Sections[i].On(cores) - w.Sections[i].Sum()
	}
	return elapsed
}

// Serial is the part of elapsed in which there is work for no second core: all that is outside of sections of at least
// two tasks. What was delegated is in it.
func Serial(w *Work, elapsed time.Duration) time.Duration {
	for i := range w.Sections {
		if s := &w.Sections[i]; len(s.Tasks) > 1 {
			elapsed -= s.Sum()
		}
	}
	return elapsed
}

// Loss says how much of the time on many cores a kind of section costs beyond an even share of its tasks.
type Loss struct {
	Name     string
	Sections int
	Fewest   int           // tasks of a section
	On       time.Duration // all its sections, on the cores
	Lost     time.Duration // of that, more than Sum/cores
}

// Losses sums up the sections of a name, the largest loss first.
func Losses(w *Work, cores int) []Loss {
	var losses []Loss
	for i := range w.Sections {
		s := &w.Sections[i]
		at := slices.IndexFunc(losses, func(l Loss) bool { return l.Name == s.Name })
		if at < 0 {
			at, losses = len(losses), append(losses, Loss{Name: s.Name, Fewest: len(s.Tasks)})
		}
		l, on := &losses[at], s.On(cores)
		l.Sections++
		l.Fewest = min(l.Fewest, len(s.Tasks))
		l.On += on
		l.Lost += on - s.Sum()/time.Duration(cores)
	}
	slices.SortStableFunc(losses, func(a, b Loss) int { return int(b.Lost - a.Lost) })
	return losses
}
