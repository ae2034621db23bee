package elementwise

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"

// Op is an operation on every element.
type Op uint8

// The operations. Of None there is no loop.
const (
	None Op = iota
	Add
	Sub
	Mul
	Div
	Sqrt         // takes one operand
	Relu         // takes one operand, and gives 0 where that is less than 0
	ReluGradient // gives B where A, the result of Relu, is more than 0, and else 0
)

// Step computes To = A op B. Its operands and its result are registers of a [Program].
type Step struct {
	Op       Op
	A, B, To int
}

// Program is a chain of operations on arrays of Size numbers. Its registers are first the inputs, then the outputs,
// then Temporaries. Every output must be written by a step.
type Program struct {
	Size        int
	Scalar      []bool // for each input, whether it is one number that stands for an array
	Outputs     int
	Temporaries int
	Steps       []Step
}

// Runner calls task(0) to task(tasks-1) on any number of goroutines.
type Runner func(tasks int, task func(int))

const (
	block = 1024       // numbers of each register that are computed at a time: 4 KB
	chunk = 64 * block // numbers that one task computes
)

// Run computes the outputs, each [Size]. An output may share its memory with an input as [Program.InPlace] says.
func (p *Program) Run(outputs, inputs [][]float32, run Runner) {
	run((p.Size+chunk-1)/chunk, func(i int) {
		memory, release := scratch.Floats((len(p.Scalar) + p.Temporaries) * block)
		defer release()
		p.runChunk(outputs, inputs, memory, i*chunk, min((i+1)*chunk, p.Size))
	})
}

// runChunk computes the elements from first to end. Scalars are spread over a block of memory each, so that there is one
// loop for each operation.
func (p *Program) runChunk(outputs, inputs [][]float32, memory []float32, first, end int) {
	registers := make([][]float32, len(inputs)+len(outputs)+p.Temporaries)
	take := func() []float32 {
		taken := memory[:block]
		memory = memory[block:]
		return taken
	}
	for i, scalar := range p.Scalar {
		if scalar {
			registers[i] = take()
			for j := range registers[i] {
				registers[i][j] = inputs[i][0]
			}
		}
	}
	for i := len(inputs) + len(outputs); i < len(registers); i++ {
		registers[i] = take()
	}
	for ; first < end; first += block {
		last := min(first+block, end)
		for i, scalar := range p.Scalar {
			if !scalar {
				registers[i] = inputs[i][first:last]
			}
		}
		for i, output := range outputs {
			registers[len(inputs)+i] = output[first:last]
		}
		for _, step := range p.Steps {
			n := last - first
			step.compute(registers[step.To][:n], registers[step.A][:n], registers[step.B][:n])
		}
	}
}

// compute takes three arrays of one length, of which to may be one of the others.
func (s Step) compute(to, a, b []float32) {
	switch s.Op {
	case Add:
		add(to, a, b)
	case Sub:
		sub(to, a, b)
	case Mul:
		mul(to, a, b)
	case Div:
		div(to, a, b)
	case Sqrt:
		sqrt(to, a)
	case Relu:
		relu(to, a)
	case ReluGradient:
		reluGradient(to, a, b)
	default:
		panic("elementwise: a step without operation")
	}
}

// rectified is what Relu makes of a number.
func rectified(x float32) float32 {
	if x < 0 {
		return 0
	}
	return x
}

// passed is what ReluGradient makes of a result of Relu and of the gradient of that.
func passed(y, gradient float32) float32 {
	if y > 0 {
		return gradient
	}
	return 0
}

// InPlace reports whether the output may be written over the input: no step reads the input after the one that writes
// the output.
func (p *Program) InPlace(output, input int) bool {
	if p.Scalar[input] {
		return false
	}
	written := false
	for _, step := range p.Steps {
		if written && (step.A == input || step.B == input) {
			return false
		}
		written = written || step.To == len(p.Scalar)+output
	}
	return true
}
