package goconv

import (
	"maps"
	"slices"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/elementwise"
)

// fuse makes kernels of operations that follow each other, in a record of its own.
func (p *planner) fuse() {
	fused := *p.builder
	fused.operations, fused.producers = slices.Clone(fused.operations), maps.Clone(fused.producers)
	p.builder = &fused
	p.fuseNormalizations()
	p.fuseEnds()
}

// fuseEnds makes one kernel of the elementwise operations at each end of the computation: those whose results are only
// returned, or go only into others of them. An optimizer's update of a variable is such an end. The inner backend would
// pass over the variable once for each operation; the kernel passes once, and writes over what the caller donates.
//
// Nothing depends on an end, so its kernel comes after all other operations in the record.
func (p *planner) fuseEnds() {
	for _, members := range p.ends() {
		if len(members) > 1 {
			p.replace(members)
		}
	}
}

// users lists the live operations that take a value, once for each operand that it is.
func (p *planner) users() map[compute.Value][]int {
	users := make(map[compute.Value][]int)
	for i, op := range p.operations {
		if p.live[i] {
			for _, input := range op.inputs {
				users[input] = append(users[input], i)
			}
		}
	}
	return users
}

// ends returns the operations of each end, in their order.
func (p *planner) ends() [][]int {
	users := p.users()
	// An end is known by its first operation. From last to first, an operation joins the ends that its result goes to.
	members, endOf := make(map[int][]int), make(map[int]int)
	for i, op := range slices.Backward(p.operations) {
		if !p.live[i] || op.elementwise == elementwise.None {
			continue
		}
		goesElsewhere := func(consumer int) bool {
			_, joined := endOf[consumer]
			return !joined || p.size(consumer) != p.size(i)
		}
		if slices.ContainsFunc(users[op.outputs[0]], goesElsewhere) {
			continue
		}
		members[i], endOf[i] = []int{i}, i
		for _, user := range users[op.outputs[0]] {
			if joined := endOf[user]; joined != i {
				for _, member := range members[joined] {
					endOf[member] = i
				}
				members[i] = append(members[i], members[joined]...)
				delete(members, joined)
			}
		}
	}
	var ends [][]int
	for _, first := range slices.Sorted(maps.Keys(members)) {
		slices.Sort(members[first])
		ends = append(ends, members[first])
	}
	return ends
}

// size is the number of elements that an operation makes.
func (p *planner) size(i int) int {
	shape, err := p.main.Shape(p.operations[i].outputs[0])
	if err != nil {
		return -1
	}
	return shape.Size()
}

// replace puts one operation with a kernel at the end of the record in place of the members.
func (p *planner) replace(members []int) {
	e := &end{planner: p, register: make(map[compute.Value]int)}
	e.program.Size = p.size(members[0])
	e.findInputs(members)
	e.findOutputs(members)
	for _, i := range members {
		e.addStep(&p.operations[i])
		p.live[i] = false
	}
	for _, output := range e.outputs {
		p.producers[output] = len(p.operations)
	}
	program := &e.program
	p.operations = append(p.operations, operation{
		inputs: e.inputs, outputs: e.outputs, inPlace: e.inPlace(),
		direct: func(outputs, inputs [][]float32, _ int, run direct.Runner) {
			program.Run(outputs, inputs, elementwise.Runner(run))
		},
	})
	p.live, p.stage = append(p.live, true), append(p.stage, 0)
}

// end is an end of the computation on its way to become one operation.
type end struct {
	*planner
	inputs, outputs []compute.Value
	program         elementwise.Program
	register        map[compute.Value]int // of each value in it
}

// findInputs gives the first registers to the values that no member makes.
func (e *end) findInputs(members []int) {
	for _, i := range members {
		for _, input := range e.operations[i].inputs {
			producer, made := e.producers[input]
			if _, known := e.register[input]; known || made && slices.Contains(members, producer) {
				continue
			}
			shape, err := e.main.Shape(input)
			e.register[input] = len(e.inputs)
			e.inputs = append(e.inputs, input)
			e.program.Scalar = append(e.program.Scalar, err == nil && shape.Size() == 1)
		}
	}
}

// findOutputs gives the next registers to what the computation returns, and those after them to what it does not.
func (e *end) findOutputs(members []int) {
	var temporaries []compute.Value
	for _, i := range members {
		value := e.operations[i].outputs[0]
		if slices.Contains(e.planner.outputs, value) {
			e.register[value] = len(e.inputs) + len(e.outputs)
			e.outputs = append(e.outputs, value)
		} else {
			temporaries = append(temporaries, value)
		}
	}
	for i, value := range temporaries {
		e.register[value] = len(e.inputs) + len(e.outputs) + i
	}
	e.program.Outputs, e.program.Temporaries = len(e.outputs), len(temporaries)
}

func (e *end) addStep(op *operation) {
	first, last := op.inputs[0], op.inputs[len(op.inputs)-1]
	e.program.Steps = append(e.program.Steps, elementwise.Step{
		Op: op.elementwise, A: e.register[first], B: e.register[last], To: e.register[op.outputs[0]],
	})
}

// inPlace lists for each output the inputs that it may be written over, of those that the computation gets.
func (e *end) inPlace() [][]int {
	over := make([][]int, len(e.outputs))
	for output := range over {
		for input, value := range e.inputs {
			if _, made := e.producers[value]; !made && e.program.InPlace(output, input) {
				over[output] = append(over[output], input)
			}
		}
	}
	return over
}
