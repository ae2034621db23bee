//go:build !(goexperiment.simd && amd64)

package batchnorm

// Available reports whether the package can be used, which it cannot in this build.
func Available() bool { return false }

const lanes = 8

func sums(sum, square, x, shift []float32)                                  { panic(missing) }
func normalize(y, x, residual []float32, a affine, relu bool)               { panic(missing) }
func normalizeBlock(y, residual []float32, stride int, a affine, relu bool) { panic(missing) }
func gradientSums(sum, product, dy, x []float32, a affine, relu bool)       { panic(missing) }
func gradient(dx, dy, x, addend []float32, s slopes, relu bool)             { panic(missing) }

const missing = "batchnorm: this build has no vectors; ask Available first"
