package goconv

import (
	"slices"

	"github.com/gomlx/compute"

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
	if !made || n.kind != inferenceNormalization || !n.InBlocks() {
		return
	}
	convolved := &f.operations[at]
	if convolved.convolution == nil || !convolved.convolution.finishes() {
		return
	}
	if user, _ := f.onlyUser(op.inputs[0]); user != i {
		return
	}
	fused := *convolved.convolution
	fused.after = n
	f.operations[i] = fused.operation(slices.Concat(convolved.inputs, op.inputs[1:]), op.outputs)
	f.live[at] = false
}

// readNormalized lets convolutions normalize and rectify what they read, if nobody else needs it: each task normalizes
// some images into memory of its own, which stays in its cache. That saves a pass over memory, and the memory. In a
// training step the gradient of the kernel normalizes the images once more, and what is left of the normalization are
// its statistics. Results are bit for bit the same.
//
// Winograd's convolutions read each pixel several times, and do not.
func (f *normalizationFuser) readNormalized(i int) {
	op := &f.operations[i]
	n, y := op.normalization, op.outputs[0]
	if n.kind == gradientNormalization || n.adds || slices.Contains(f.outputs, y) || !f.onlyRead(y, n) {
		return
	}
	given := op.inputs[1:]
	if n.kind == trainingNormalization {
		given = slices.Concat(given, op.outputs[1:])
	}
	for _, user := range f.users[y] {
		reader := &f.operations[user]
		fused := *reader.convolution
		fused.before = n
		operands := slices.Concat([]compute.Value{op.inputs[0], reader.inputs[1]}, given, reader.inputs[2:])
		f.operations[user] = fused.operation(operands, reader.outputs)
	}
	if n.kind == trainingNormalization {
		f.operations[i] = operation{inputs: op.inputs[:1], outputs: op.outputs[1:], direct: n.statistics}
		return
	}
	f.live[i] = false
}

// onlyRead reports whether a normalized value is what convolutions read, and nothing else, which can normalize it row
// by row of an image.
func (f *normalizationFuser) onlyRead(value compute.Value, n *directNormalization) bool {
	shape, err := f.main.Shape(value)
	if err != nil || shape.Rank() < 3 || !n.InParts(shape.Dim(-2)*n.Features) {
		return false
	}
	for _, user := range f.users[value] {
		op := &f.operations[user]
		if op.convolution == nil || !op.convolution.reads() || slices.Contains(op.inputs[1:], value) {
			return false
		}
	}
	return len(f.users[value]) > 0
}

// statistics is the kernel of what is left of a normalization that convolutions do as they read.
func (n *directNormalization) statistics(out, in [][]float32, _ int, run direct.Runner) {
	n.Statistics(in[0], batchnorm.Parameters{Mean: out[0], Variance: out[1]}, batchnorm.Runner(run))
}
