// Package scratch holds the working memory of kernels, which is kept from call to call.
package scratch

import (
	"math/bits"
	"sync"
)

// pools are one for each size, of which there are four between one power of two and the next.
var pools [4 * (bits.UintSize + 1)]sync.Pool

// Floats returns n floats of any content, and what gives them back.
func Floats(n int) (memory []float32, release func()) {
	if n == 0 {
		return nil, func() {}
	}
	n = max(n, 8)
	power := bits.Len(uint(n - 1))
	quarter := 1 << (power - 3)
	quarters := (n + quarter - 1) / quarter // 5 to 8 of them
	pool := &pools[4*power+quarters-5]
	kept, _ := pool.Get().(*[]float32)
	if kept == nil {
		fresh := make([]float32, quarters*quarter)
		kept = &fresh
	}
	return (*kept)[:n], func() { pool.Put(kept) }
}
