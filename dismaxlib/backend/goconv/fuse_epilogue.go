package goconv

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/batchnorm"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// finishConvolution lets a convolution whose result is only normalized, for inference, do that itself: each task
// normalizes what it has just written, and adds and rectifies what the normalization would. That saves a pass over
// memory. Results are bit for bit those of the operations one after the other.
//
// The one operation is where the normalization was, so that all its operands are there. Its result cannot be written
// over the residual, which is read after the convolution has written.
func (f *normalizationFuser) finishConvolution(i int) {
	op := &f.operations[i]
	n := op.normalization
	at, made := f.producers[op.inputs[0]]
	if !made || n.kind != inferenceNormalization || !n.InBlocks() || f.operations[at].finisher == nil {
		return
	}
	if user, _ := f.onlyUser(op.inputs[0]); user != i {
		return
	}
	convolved := &f.operations[at]
	f.operations[i] = operation{
		inputs:  slices.Concat(convolved.inputs, op.inputs[1:]),
		outputs: op.outputs,
		direct:  n.finish(convolved.finisher),
	}
	f.live[at] = false
}

// finish is the kernel of a convolution whose result is normalized. Its operands are the images, the kernel, and those
// of the normalization behind the first.
func (n *directNormalization) finish(c finisher) directKernel {
	return func(out, in [][]float32, workers int, run direct.Runner) {
		y, x, w := out[0], in[0], in[1]
		p := batchnorm.Parameters{Scale: in[2], Offset: in[3], Mean: in[4], Variance: in[5]}
		var residual []float32
		if n.adds {
			residual = in[6]
		}
		c.RunWith(n.Blocks(y, residual, p).Normalize, y, x, w, workers, run)
	}
}
