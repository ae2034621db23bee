//go:build !amd64

package winograd

func pixelTransform(v []float32, plane int, x []float32, rowStride, channels int) {
	plainPixels(v, plane, x, rowStride, channels, 0)
}

func resultTransform(y []float32, rowStride int, m []float32, plane, channels int) {
	plainResults(y, rowStride, m, plane, channels, 0)
}

func gradientTransform(d []float32, plane int, dy []float32, rowStride, channels int) {
	plainGradients(d, plane, dy, rowStride, channels, 0)
}

func weightTransform(u []float32, plane int, w []float32, steps weightSteps, rows, width int) {
	plainWeights(u, plane, w, steps, rows, width, 0)
}

func kernelTransform(dw []float32, rowStride, tapStride int, s []float32, plane, channels int) {
	plainKernel(dw, rowStride, tapStride, s, plane, channels, 0)
}

func add(to, from []float32) { plainAdd(to, from, 0) }
