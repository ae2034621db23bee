//go:build !(goexperiment.simd && amd64)

package elementwise

import "math"

func add(to, a, b []float32) {
	for i := range to {
		to[i] = a[i] + b[i]
	}
}

func sub(to, a, b []float32) {
	for i := range to {
		to[i] = a[i] - b[i]
	}
}

func mul(to, a, b []float32) {
	for i := range to {
		to[i] = a[i] * b[i]
	}
}

func div(to, a, b []float32) {
	for i := range to {
		to[i] = a[i] / b[i]
	}
}

func sqrt(to, a []float32) {
	for i := range to {
		to[i] = float32(math.Sqrt(float64(a[i])))
	}
}

func relu(to, a []float32) {
	for i := range to {
		to[i] = rectified(a[i])
	}
}

func reluGradient(to, a, b []float32) {
	for i := range to {
		to[i] = passed(a[i], b[i])
	}
}
