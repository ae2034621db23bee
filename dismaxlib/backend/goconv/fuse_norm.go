package goconv

import (
	"slices"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/elementwise"
)

// fuseNormalizations makes one operation of a batch normalization, the addition of a residual behind it and the
// rectified linear unit behind these, as far as nothing else needs what is between them:
//
//	y = relu(normalize(x) + residual),
//
// for training as for inference; and of the gradient of normalization and rectifier and the addition of what else goes
// into the gradient of x:
//
//	dx = gradient(x, dy where y > 0) + addend.
//
// Results are bit for bit those of the operations one after the other. The one operation is where the normalization
// was; what is added was therefore made before. Then a convolution may do all of it, the one before for inference and
// those behind that read it; see fuse_convolution.go.
func (p *planner) fuseNormalizations() {
	f := &normalizationFuser{planner: p, users: p.users()}
	for i := range p.operations {
		op := &p.operations[i]
		if !p.live[i] || op.direct == nil || op.normalization == nil {
			continue
		}
		if op.normalization.kind == gradientNormalization {
			f.takeRectifierGradient(i)
			f.addToResult(i)
			continue
		}
		f.addToResult(i)
		f.rectifyResult(i)
		f.finishConvolution(i)
	}
	f.users = p.users()
	for i := range p.operations {
		if p.live[i] && p.operations[i].normalization != nil && p.operations[i].direct != nil {
			f.readNormalized(i)
		}
	}
}

// normalizationFuser changes normalizations in a record.
type normalizationFuser struct {
	*planner
	users map[compute.Value][]int
}

// onlyUser returns the one operation that takes a value, nil if there are others or the computation returns it.
func (f *normalizationFuser) onlyUser(value compute.Value) (index int, user *operation) {
	if users := f.users[value]; len(users) == 1 && !slices.Contains(f.outputs, value) && f.live[users[0]] {
		return users[0], &f.operations[users[0]]
	}
	return 0, nil
}

// addToResult lets the normalization add what its first result is added to.
func (f *normalizationFuser) addToResult(i int) {
	op := &f.operations[i]
	at, sum := f.onlyUser(op.outputs[0])
	if sum == nil || sum.elementwise != elementwise.Add {
		return
	}
	addend := sum.inputs[0]
	if addend == op.outputs[0] {
		addend = sum.inputs[1]
	}
	if producer, made := f.producers[addend]; made && producer > i {
		return
	}
	shape, err := f.main.Shape(addend)
	if n := op.normalization; err != nil || shape.Size() != n.Rows*n.Features {
		return
	}
	fused := *op.normalization
	fused.adds = true
	f.become(i, at, &fused, append(slices.Clone(op.inputs), addend))
}

// rectifyResult lets the normalization rectify its first result.
func (f *normalizationFuser) rectifyResult(i int) {
	op := &f.operations[i]
	at, user := f.onlyUser(op.outputs[0])
	if user == nil || user.elementwise != elementwise.Relu {
		return
	}
	fused := *op.normalization
	fused.Relu = true
	f.become(i, at, &fused, op.inputs)
}

// become makes another normalization of one, which gives what the absorbed operation gave.
func (f *normalizationFuser) become(i, absorbed int, fused *directNormalization, inputs []compute.Value) {
	op := &f.operations[i]
	result := f.operations[absorbed].outputs[0]
	outputs := slices.Clone(op.outputs)
	outputs[0] = result
	f.operations[i] = fused.operation(inputs, outputs)
	f.producers[result] = i
	f.live[absorbed] = false
}

// takeRectifierGradient lets the gradient of a normalization stop at what the rectifier behind the normalization
// stopped. It knows that from x and the offset.
func (f *normalizationFuser) takeRectifierGradient(i int) {
	op := &f.operations[i]
	at, made := f.producers[op.inputs[4]]
	if !made || f.operations[at].elementwise != elementwise.ReluGradient {
		return
	}
	if user, _ := f.onlyUser(op.inputs[4]); user != i {
		return
	}
	rectified, dy := f.operations[at].inputs[0], f.operations[at].inputs[2]
	forward, made := f.producers[rectified]
	if !made || !f.isGradientOf(op, &f.operations[forward]) {
		return
	}
	fused := *op.normalization
	fused.Relu = true
	inputs := slices.Clone(op.inputs)
	inputs[4] = dy
	f.operations[i] = fused.operation(append(inputs, f.operations[forward].inputs[2]), op.outputs)
	f.live[at] = false
}

// isGradientOf reports whether the gradient is that of a normalization that is rectified and adds nothing.
func (f *normalizationFuser) isGradientOf(gradient, forward *operation) bool {
	n := forward.normalization
	return n != nil && n.kind == trainingNormalization && n.Relu && !n.adds &&
		n.Epsilon == gradient.normalization.Epsilon &&
		slices.Equal(forward.inputs[:2], gradient.inputs[:2]) && slices.Equal(forward.outputs[1:], gradient.inputs[2:4])
}
