package winograd

import (
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"
)

// schedule is work on groups of tiles, each of which passes through the same stages, once for each step, in working
// memory of its own.
type schedule struct {
	groups, steps int
	floats        int // of working memory for a group
	stages        []stage
}

// stage is divided into parts that may run at the same time.
type stage struct {
	parts int
	do    func(memory []float32, group, step, part int)
}

// run gives whole groups to workers, so that working memory stays in their caches, where that leaves them idle for at
// most a fifth of the time, and else the parts of all groups, stage by stage. Results do not depend on which.
func (s *schedule) run(workers int, run direct.Runner) {
	rounds := (s.groups + workers - 1) / workers
	if 4*rounds*workers <= 5*s.groups {
		run(s.groups, s.runGroup)
		return
	}
	memory, release := scratch.Floats(s.groups * s.floats)
	defer release()
	for step := range s.steps {
		for _, stage := range s.stages {
			run(s.groups*stage.parts, func(task int) {
				group := task / stage.parts
				stage.do(memory[group*s.floats:][:s.floats], group, step, task%stage.parts)
			})
		}
	}
}

func (s *schedule) runGroup(group int) {
	memory, release := scratch.Floats(s.floats)
	defer release()
	for step := range s.steps {
		for _, stage := range s.stages {
			for part := range stage.parts {
				stage.do(memory, group, step, part)
			}
		}
	}
}
