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
	p.computeLarge()
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

// computeLarge gives kernels to large elementwise operations that are left, such as the sum of two gradients: the inner
// backend computes each on one core, and never over its operands.
func (p *planner) computeLarge() {
	for i := range p.operations {
		op := &p.operations[i]
		if !p.live[i] || op.direct != nil || op.elementwise == elementwise.None || p.size(i) < smallestKernel {
			continue
		}
		f := &fusion{planner: p, register: make(map[compute.Value]int)}
		f.program.Size = p.size(i)
		f.findInputs([]int{i})
		f.outputs, f.program.Outputs = op.outputs, 1
		f.register[op.outputs[0]] = len(f.inputs)
		f.addStep(op)
		inPlace := make([][]int, 1)
		for input, isScalar := range f.program.Scalar {
			if !isScalar {
				inPlace[0] = append(inPlace[0], input)
			}
		}
		op.inputs, op.direct, op.inPlace = f.inputs, f.kernel(), inPlace
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
	f := &fusion{planner: p, register: make(map[compute.Value]int)}
	f.program.Size = p.size(members[0])
	f.findInputs(members)
	f.findOutputs(members)
	for _, i := range members {
		f.addStep(&p.operations[i])
		p.live[i] = false
	}
	for _, output := range f.outputs {
		p.producers[output] = len(p.operations)
	}
	p.operations = append(p.operations, operation{
		inputs: f.inputs, outputs: f.outputs, inPlace: f.inPlace(), direct: f.kernel(),
	})
	p.live, p.stage = append(p.live, true), append(p.stage, 0)
}

// fusion is some elementwise operations on their way to become one kernel.
type fusion struct {
	*planner
	inputs, outputs []compute.Value
	program         elementwise.Program
	register        map[compute.Value]int // of each value in it
}

func (f *fusion) kernel() directKernel {
	program := f.program
	return func(outputs, inputs [][]float32, _ int, run direct.Runner) {
		program.Run(outputs, inputs, elementwise.Runner(run))
	}
}

// findInputs gives the first registers to the values that no member makes.
func (f *fusion) findInputs(members []int) {
	for _, i := range members {
		for _, input := range f.operations[i].inputs {
			producer, made := f.producers[input]
			if _, known := f.register[input]; known || made && slices.Contains(members, producer) {
				continue
			}
			shape, err := f.main.Shape(input)
			f.register[input] = len(f.inputs)
			f.inputs = append(f.inputs, input)
			f.program.Scalar = append(f.program.Scalar, err == nil && shape.Size() == 1)
		}
	}
}

// findOutputs gives the next registers to what the computation returns, and those after them to what it does not.
func (f *fusion) findOutputs(members []int) {
	var temporaries []compute.Value
	for _, i := range members {
		value := f.operations[i].outputs[0]
		if slices.Contains(f.planner.outputs, value) {
			f.register[value] = len(f.inputs) + len(f.outputs)
			f.outputs = append(f.outputs, value)
		} else {
			temporaries = append(temporaries, value)
		}
	}
	for i, value := range temporaries {
		f.register[value] = len(f.inputs) + len(f.outputs) + i
	}
	f.program.Outputs, f.program.Temporaries = len(f.outputs), len(temporaries)
}

func (f *fusion) addStep(op *operation) {
	first, last := op.inputs[0], op.inputs[len(op.inputs)-1]
	f.program.Steps = append(f.program.Steps, elementwise.Step{
		Op: op.elementwise, A: f.register[first], B: f.register[last], To: f.register[op.outputs[0]],
	})
}

// inPlace lists for each output the inputs that it may be written over, of those that the computation gets.
func (f *fusion) inPlace() [][]int {
	over := make([][]int, len(f.outputs))
	for output := range over {
		for input, value := range f.inputs {
			if _, made := f.producers[value]; !made && f.program.InPlace(output, input) {
				over[output] = append(over[output], input)
			}
		}
	}
	return over
}
