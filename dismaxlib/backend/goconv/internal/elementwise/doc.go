// Package elementwise computes chains of operations on float32 arrays, element by element, in one pass over memory: a
// block of each array at a time, small enough that all stay in the cache between the operations of the chain.
//
// Start in program.go. Slices in, slices out: nothing here knows of graphs or backends. Results are bit for bit those
// of the operations one after the other. Loops are vectors of AVX2 in a build with GOEXPERIMENT=simd, and plain
// otherwise.
package elementwise
