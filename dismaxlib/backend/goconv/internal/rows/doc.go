// Package rows cuts and joins float32 arrays by copies of rows, the longest contiguous runs of numbers that there are.
//
// Start in slice.go. Slices in, slices out: nothing here knows of graphs or backends.
package rows
