package direct

import (
	"math/bits"
	"sync"
)

// scratchPools keep working memory from call to call, one pool for each size, of which there are four between one power
// of two and the next.
var scratchPools [4 * (bits.UintSize + 1)]sync.Pool

// Scratch returns n floats of any content, and what gives them back.
func Scratch(n int) (memory []float32, release func()) {
	if n == 0 {
		return nil, func() {}
	}
	n = max(n, 8)
	power := bits.Len(uint(n - 1))
	quarter := 1 << (power - 3)
	quarters := (n + quarter - 1) / quarter // 5 to 8 of them
	pool := &scratchPools[4*power+quarters-5]
	kept, _ := pool.Get().(*[]float32)
	if kept == nil {
		fresh := make([]float32, quarters*quarter)
		kept = &fresh
	}
	return (*kept)[:n], func() { pool.Put(kept) }
}
