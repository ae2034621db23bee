package goconv

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// plan is a computation cut into stages. In each stage the inner backend runs a segment of ordinary operations, and
// then direct kernels run on what it left. A value is in the segment that follows the last kernel it depends on.
//
// Values that pass from stage to stage are kept in slots, one for each value.
type plan struct {
	backend     *backend
	names       []string
	inputs      []shapes.Shape
	outputs     []shapes.Shape
	stages      []stage
	slots       int   // the first len(inputs) are the inputs
	outputSlots []int // all written by the last segment
}

// stage is a segment, which may be missing, and the kernels after it.
type stage struct {
	segment *segment
	kernels []kernelCall
}

// segment is a part of the computation that the inner backend executes.
type segment struct {
	executable      compute.Executable
	inputs, outputs []int  // slots
	last            []bool // whether an input is not needed any more afterwards
}

// kernelCall is one run of a direct kernel.
type kernelCall struct {
	kernel  directKernel
	inputs  []int
	last    []bool // whether an input is not needed any more afterwards
	outputs []int
	shapes  []shapes.Shape // of the outputs
	inPlace [][]int        // for each output, the inputs that it may be written over; nil for none at all
}

// planner makes a plan of a builder's record.
type planner struct {
	*builder
	main  compute.Function // the inner one
	plan  *plan
	live  []bool // by operation: whether an output depends on it
	stage []int  // by operation: where it is; free for those that depend on no input
	slot  map[compute.Value]int

	crossing map[compute.Value]bool // whether a segment has to put a value out
	lastUse  map[compute.Value]int  // the last stage that uses a value
	spent    []compute.Value        // values that no one uses after the last kernel
}

// smallestKernel is how many floats a copy or an elementwise operation must make for a kernel of its own to be worth a
// cut of the computation: 64 KB.
const smallestKernel = 16 << 10

// free marks operations on constants only. They are emitted in every segment that uses them, which costs less than to
// keep their results.
const free = -1

func newPlan(b *builder) (compute.Executable, error) {
	p, err := newPlanner(b)
	if err != nil {
		return nil, err
	}
	if err := p.build(); err != nil {
		return nil, errors.WithMessagef(err, "backend %q: compiling %q", Name, b.Name())
	}
	p.plan.markLastUses()
	return &planExecutable{plan: p.plan}, nil
}

// newPlanner looks at what the computation takes and returns, lets its convolutions keep their weights, and fuses its
// operations.
func newPlanner(b *builder) (*planner, error) {
	p := &planner{
		builder: b, main: b.Builder.Main(),
		live: make([]bool, len(b.operations)), stage: make([]int, len(b.operations)),
		slot: make(map[compute.Value]int), crossing: make(map[compute.Value]bool), lastUse: make(map[compute.Value]int),
		plan: &plan{backend: b.backend},
	}
	for _, parameter := range b.parameters {
		p.plan.names = append(p.plan.names, parameter.name)
		p.plan.inputs = append(p.plan.inputs, parameter.shape)
		p.slotOf(parameter.value)
	}
	for _, output := range b.outputs {
		shape, err := p.main.Shape(output)
		if err != nil {
			return nil, err
		}
		p.plan.outputs = append(p.plan.outputs, shape)
		p.markLive(output)
	}
	p.keepWeights()
	p.fuse()
	return p, nil
}

// slotOf gives a value a slot.
func (p *planner) slotOf(value compute.Value) int {
	slot, found := p.slot[value]
	if !found {
		slot = p.plan.slots
		p.slot[value] = slot
		p.plan.slots++
	}
	return slot
}

func (p *planner) markLive(value compute.Value) {
	i, made := p.producers[value]
	if !made || p.live[i] {
		return
	}
	p.live[i] = true
	for _, input := range p.operations[i].inputs {
		if input != nil {
			p.markLive(input)
		}
	}
}

// place puts every live operation in a stage and returns the number of stages. An ordinary operation comes after the
// kernels that it depends on, a kernel may follow another in the same stage.
func (p *planner) place() int {
	stages := 0
	for i, op := range p.operations {
		if !p.live[i] {
			continue
		}
		at := free
		for _, input := range op.inputs {
			producer, made := p.producers[input]
			switch {
			case input == nil:
			case !made:
				at = max(at, 0)
			case p.operations[producer].direct != nil && op.direct == nil:
				at = max(at, p.stage[producer]+1)
			default:
				at = max(at, p.stage[producer])
			}
		}
		if op.direct != nil {
			at = max(at, 0)
		}
		p.stage[i] = at
		stages = max(stages, at+1)
		if op.direct != nil {
			stages = max(stages, at+2) // results of kernels are only used, or returned, by a later segment
		}
	}
	return stages
}

// build places the operations and emits the segments.
func (p *planner) build() error {
	stages := p.place()
	p.markCrossing(stages)
	p.plan.stages = make([]stage, stages)
	for at := range p.plan.stages {
		if err := p.buildSegment(at, at == stages-1); err != nil {
			return err
		}
		if err := p.addKernels(at); err != nil {
			return err
		}
	}
	return nil
}

// stageOf is the stage in which a value is made: 0 for an input.
func (p *planner) stageOf(value compute.Value) int {
	if producer, made := p.producers[value]; made {
		return p.stage[producer]
	}
	return 0
}

// isDirect reports whether a value comes from a kernel.
func (p *planner) isDirect(value compute.Value) bool {
	producer, made := p.producers[value]
	return made && p.operations[producer].direct != nil
}

// isFree reports whether a value depends on constants only.
func (p *planner) isFree(value compute.Value) bool {
	producer, made := p.producers[value]
	return made && p.stage[producer] == free
}

// markCrossing finds the values that segments have to put out, which are those that a kernel or another stage uses,
// and when each value is used last.
func (p *planner) markCrossing(stages int) {
	for i, op := range p.operations {
		if !p.live[i] || p.stage[i] == free {
			continue
		}
		for _, input := range op.inputs {
			if input == nil {
				continue
			}
			p.lastUse[input] = max(p.lastUse[input], p.stage[i])
			if op.direct != nil || !p.isFree(input) && p.stageOf(input) != p.stage[i] {
				p.crossing[input] = true
			}
		}
	}
	for _, output := range p.outputs {
		p.lastUse[output] = stages - 1
		if !p.isFree(output) && p.stageOf(output) != stages-1 {
			p.crossing[output] = true
		}
	}
}

// buildSegment emits and compiles the segment of a stage. The last one also returns what the computation returns.
func (p *planner) buildSegment(at int, isLast bool) error {
	s := &emitter{planner: p, at: at, values: make(map[compute.Value]compute.Value)}
	s.builder = p.backend.Backend.Builder(fmt.Sprintf("%s/%d", p.Name(), at))
	s.main = s.builder.Main()
	var results []compute.Value
	for i, op := range p.operations {
		// A free operation whose result a kernel takes is emitted in the first segment.
		wanted := p.live[i] && op.direct == nil && (p.stage[i] == at || p.stage[i] == free && at == 0)
		for _, output := range op.outputs {
			if !wanted || output == nil || p.stage[i] == free && !p.crossing[output] {
				continue
			}
			value, err := s.value(output)
			if err != nil {
				return err
			}
			if p.crossing[output] {
				results = append(results, value)
				s.segment.outputs = append(s.segment.outputs, p.slotOf(output))
			}
		}
	}
	if isLast {
		for _, output := range p.outputs {
			value, err := s.value(output)
			if err != nil {
				return err
			}
			results = append(results, value)
			// The same value may be returned twice: each gets a slot of its own.
			s.segment.outputs = append(s.segment.outputs, p.plan.slots)
			p.plan.outputSlots = append(p.plan.outputSlots, p.plan.slots)
			p.plan.slots++
		}
	}
	if len(results) == 0 {
		return nil
	}
	// A parameter that is not used, but donated, goes back to the inner backend's store of memory.
	for _, value := range p.spent {
		if _, err := s.value(value); err != nil {
			return err
		}
	}
	p.spent = nil
	if err := s.main.Return(results, nil); err != nil {
		return err
	}
	executable, err := s.builder.Compile()
	if err != nil {
		return err
	}
	s.segment.executable = p.backend.guard(executable, s.hazard)
	p.plan.stages[at].segment = &s.segment
	return nil
}

// addKernels lists the kernels of a stage.
func (p *planner) addKernels(at int) error {
	overwritten := p.overwritten(at)
	for i, op := range p.operations {
		if !p.live[i] || op.direct == nil || p.stage[i] != at {
			continue
		}
		call := kernelCall{kernel: op.direct, inPlace: p.inPlace(&op)}
		for _, input := range op.inputs {
			call.inputs = append(call.inputs, p.slotOf(input))
			if p.lastUse[input] == at && !p.isDirect(input) && !overwritten[input] && !slices.Contains(p.spent, input) {
				p.spent = append(p.spent, input)
			}
		}
		for _, output := range op.outputs {
			shape, err := p.main.Shape(output)
			if err != nil {
				return err
			}
			call.outputs = append(call.outputs, p.slotOf(output))
			call.shapes = append(call.shapes, shape)
		}
		p.plan.stages[at].kernels = append(p.plan.stages[at].kernels, call)
	}
	return nil
}

// overwritten are the values that kernels of a stage may write over.
func (p *planner) overwritten(at int) map[compute.Value]bool {
	values := make(map[compute.Value]bool)
	for i, op := range p.operations {
		if p.stage[i] != at || !p.live[i] {
			continue
		}
		for _, input := range slices.Concat(p.inPlace(&op)...) {
			values[op.inputs[input]] = true
		}
	}
	return values
}

// inPlace lists for each output of a kernel the inputs that it may be written over: not those that come from a segment,
// to which the inner backend gets the memory back.
func (p *planner) inPlace(op *operation) [][]int {
	inPlace := make([][]int, len(op.inPlace))
	for output, over := range op.inPlace {
		for _, input := range over {
			if _, made := p.producers[op.inputs[input]]; !made || p.isDirect(op.inputs[input]) {
				inPlace[output] = append(inPlace[output], input)
			}
		}
	}
	return inPlace
}

// emitter emits one segment.
type emitter struct {
	*planner
	at      int
	builder compute.Builder
	main    compute.Function
	segment segment
	hazard  bool                            // whether an operation may fail for some data
	values  map[compute.Value]compute.Value // from the recorded function to the segment's
}

// value returns the segment's equivalent of a recorded value: emitted here if it belongs here or is free, else a
// parameter that gets it from its slot.
func (s *emitter) value(recorded compute.Value) (compute.Value, error) {
	if recorded == nil {
		return nil, nil
	}
	if value, found := s.values[recorded]; found {
		return value, nil
	}
	producer, made := s.producers[recorded]
	if !made || s.stage[producer] != free && (s.stage[producer] != s.at || s.operations[producer].direct != nil) {
		return s.input(recorded)
	}
	op := &s.operations[producer]
	inputs := make([]compute.Value, len(op.inputs))
	for i, input := range op.inputs {
		var err error
		if inputs[i], err = s.value(input); err != nil {
			return nil, err
		}
	}
	s.hazard = s.hazard || op.hazard
	outputs, err := op.emit(s.main, inputs)
	if err != nil {
		return nil, err
	}
	for i, output := range op.outputs {
		if output != nil {
			s.values[output] = outputs[i]
		}
	}
	return s.values[recorded], nil
}

// input makes a value that comes from a slot a parameter of the segment.
func (s *emitter) input(recorded compute.Value) (compute.Value, error) {
	shape, err := s.planner.main.Shape(recorded)
	if err != nil {
		return nil, err
	}
	slot := s.slotOf(recorded)
	value, err := s.main.Parameter(fmt.Sprintf("slot%d", slot), shape, nil)
	if err != nil {
		return nil, err
	}
	s.segment.inputs = append(s.segment.inputs, slot)
	s.values[recorded] = value
	return value, nil
}

// markLastUses finds for every slot the last segment or kernel that reads it.
func (p *plan) markLastUses() {
	used := make([]bool, p.slots)
	markLast := func(slots []int) []bool {
		last := make([]bool, len(slots))
		for i, slot := range slots {
			last[i] = !used[slot]
			used[slot] = true
		}
		return last
	}
	for _, stage := range slices.Backward(p.stages) {
		for i := range slices.Backward(stage.kernels) {
			stage.kernels[i].last = markLast(stage.kernels[i].inputs)
		}
		if stage.segment != nil {
			stage.segment.last = markLast(stage.segment.inputs)
		}
	}
}
