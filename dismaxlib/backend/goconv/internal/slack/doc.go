// Package slack leaves readable memory after the end of every buffer of GoMLX's go backend, because the operations that
// it compiles with SIMD read past the ends of slices.
//
// # What reads there
//
// Go 1.27's partial loads, archsimd.Load…Part, read a whole vector and then zero what the slice has no elements for. On
// amd64 that is so for every type in vectors of 512 bits, and for types of 32 and 64 bits in those of 128 and 256; types
// of 8 and 16 bits are put together from smaller loads there, and so is everything on other processors. Partial stores
// write under a mask, which the processor honours to the byte. Go's heap grows by 4 MiB at a time and is not readable
// beyond, so that a partial load at the end of a slice that ends there is a SIGSEGV.
//
// # Why this much is enough
//
// A partial load starts at an element of its slice and reads one vector, of 64 bytes at most. What it reads is in the
// slice, or in the [Size] bytes after it.
//
// # Why nothing is left out
//
// Module compute has 393 partial loads, listed by package in UPSTREAM.md. Each of them reads
//
//   - a part of a buffer's data: an operand, a row of it, what one goroutine takes of it, or a result that is added to.
//     The memory of every buffer, intermediate ones and constants included, comes from one place, Backend.GetBuffer,
//     which takes it from a sync.Pool for its size and allocates where that has none. [Leave] puts pools of its own in
//     place of these, for every size that GetBuffer asks for, and they allocate slack;
//   - or an array on the stack that is as long as a vector;
//   - or, in a dense layer of 16 bits with an activation function, a slice of float32 made for it. Package goconv computes
//     these layers in float32, where the activation reads the buffer of the result.
//
// Whole vectors are loaded from slices that have so many elements, which Go checks. The assembly of compute and of
// package direct takes what is left after whole vectors number by number, or from memory that is rounded up to them.
package slack
