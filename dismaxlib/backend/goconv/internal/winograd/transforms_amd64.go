package winograd

// lanes is how many channels the kernels transform at a time. Every processor that package direct has kernels for runs
// them.
const lanes = 8

// start returns the address of memory that has at least so many floats.
func start(memory []float32, floats int) *float32 { return &memory[:floats][0] }

func pixelTransform(v []float32, plane int, x []float32, rowStride, channels int) {
	to, from := start(v, 15*plane+channels), start(x, 3*rowStride+side*channels)
	if channels >= lanes {
		pixelsAVX2(to, from, plane*4, rowStride*4, channels*4, channels/lanes)
	}
	plainPixels(v, plane, x, rowStride, channels, channels/lanes*lanes)
}

func resultTransform(y []float32, rowStride int, m []float32, plane, channels int) {
	to, from := start(y, rowStride+2*channels), start(m, 15*plane+channels)
	if channels >= lanes {
		resultsAVX2(to, from, plane*4, rowStride*4, channels*4, channels/lanes)
	}
	plainResults(y, rowStride, m, plane, channels, channels/lanes*lanes)
}

func gradientTransform(d []float32, plane int, dy []float32, rowStride, channels int) {
	to, from := start(d, 15*plane+channels), start(dy, rowStride+2*channels)
	if channels >= lanes {
		gradientsAVX2(to, from, plane*4, rowStride*4, channels*4, channels/lanes)
	}
	plainGradients(d, plane, dy, rowStride, channels, channels/lanes*lanes)
}

func weightTransform(u []float32, plane int, w []float32, steps weightSteps, rows, width int) {
	for row := range rows {
		u, w := u[row*width:], w[row*steps.row:]
		to, from := start(u, 15*plane+width), start(w, 2*steps.tapRow+2*steps.tapColumn+width)
		if width >= lanes {
			weightsAVX2(to, from, plane*4, steps.tapRow*4, steps.tapColumn*4, width/lanes)
		}
	}
	plainWeights(u, plane, w, steps, rows, width, width/lanes*lanes)
}

func kernelTransform(dw []float32, rowStride, tapStride int, s []float32, plane, channels int) {
	to, from := start(dw, 2*rowStride+2*tapStride+channels), start(s, 15*plane+channels)
	if channels >= lanes {
		kernelAVX2(to, from, plane*4, rowStride*4, tapStride*4, channels/lanes)
	}
	plainKernel(dw, rowStride, tapStride, s, plane, channels, channels/lanes*lanes)
}

func add(to, from []float32) {
	if len(to) >= lanes {
		addAVX2(&to[0], start(from, len(to)), len(to)/lanes)
	}
	plainAdd(to, from, len(to)/lanes*lanes)
}

//go:noescape
func pixelsAVX2(v, x *float32, plane, rowStride, pixelStride, vectors int)

//go:noescape
func resultsAVX2(y, m *float32, plane, rowStride, pixelStride, vectors int)

//go:noescape
func gradientsAVX2(d, dy *float32, plane, rowStride, pixelStride, vectors int)

//go:noescape
func weightsAVX2(u, w *float32, plane, tapRow, tapColumn, vectors int)

//go:noescape
func kernelAVX2(dw, s *float32, plane, tapRow, tapColumn, vectors int)

//go:noescape
func addAVX2(to, from *float32, vectors int)
