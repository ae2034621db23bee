package direct

import (
	"math/bits"
	"sync"
)

// scratchPools keep working memory from call to call, one pool for each power of two.
var scratchPools [bits.UintSize]sync.Pool

// Scratch returns n floats of any content, and what gives them back.
func Scratch(n int) (memory []float32, release func()) {
	if n == 0 {
		return nil, func() {}
	}
	class := bits.Len(uint(n - 1))
	kept, _ := scratchPools[class].Get().(*[]float32)
	if kept == nil {
		fresh := make([]float32, 1<<class)
		kept = &fresh
	}
	return (*kept)[:n], func() { scratchPools[class].Put(kept) }
}
