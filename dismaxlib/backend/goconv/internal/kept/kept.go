// Package kept holds what kernels make of weights from one call to the next, for as long as the weights stay the same.
//
// That is found from the weights themselves, because a buffer may be written to between two calls: by a checksum of 64
// bits, which reads them once, where a transform reads them and writes nearly twice as much. Two different arrays of
// weights have the same checksum with a probability of about 2^-50, as far as package maphash behaves like a random
// function; its seed is drawn anew in each process.
package kept

import (
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"
)

// Store knows all arrays that are kept, so that kernels which need the same one share it, as those of networks that are
// compiled for several sizes of the batch. It does not keep them itself: an array that no [Slot] refers to is forgotten
// and its memory freed. It may be used by many goroutines.
type Store struct {
	seed   maphash.Seed
	mutex  sync.Mutex
	arrays map[key]weak.Pointer[array]
}

// key says what an array was made of, and how.
type key struct {
	checksum uint64
	form     any
}

type array struct{ floats []float32 }

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{seed: maphash.MakeSeed(), arrays: make(map[key]weak.Pointer[array])}
}

// Len is how many arrays the store knows.
func (s *Store) Len() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.arrays)
}

// Slot keeps the array of one kernel, the one made last. A nil slot keeps nothing. It may be used by many goroutines.
type Slot struct {
	store *Store
	form  any
	seen  atomic.Uint64 // checksum of the weights of the last call
	kept  atomic.Pointer[entry]
}

type entry struct {
	key   key
	array *array
}

// Slot returns an empty slot for a kernel. The form, which must be comparable, says what the kernel makes of its weights:
// kernels of equal forms make equal arrays.
func (s *Store) Slot(form any) *Slot { return &Slot{store: s, form: form} }

// Floats returns the n floats that `fill` makes of the weights, and what gives them back. Nothing may write to them.
// Weights that were not seen in the call before are not kept yet: some are others in each call.
func (s *Slot) Floats(w []float32, n int, run direct.Runner, fill func(to []float32)) (floats []float32, release func()) {
	if s == nil {
		return filled(n, fill)
	}
	k := key{s.store.checksum(w, run), s.form}
	again := s.seen.Swap(k.checksum) == k.checksum
	if e := s.kept.Load(); e != nil && e.key == k {
		return e.array.floats, func() {}
	}
	made := s.store.find(k)
	if made == nil && !again {
		s.kept.Store(nil)
		return filled(n, fill)
	}
	if made == nil {
		made = &array{make([]float32, n)}
		fill(made.floats)
		s.store.add(k, made)
	}
	s.kept.Store(&entry{k, made})
	return made.floats, func() {}
}

func filled(n int, fill func(to []float32)) (floats []float32, release func()) {
	floats, release = scratch.Floats(n)
	fill(floats)
	return floats, release
}

func (s *Store) find(k key) *array {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.arrays[k].Value()
}

// add makes an array known for as long as it lives.
func (s *Store) add(k key, made *array) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.arrays[k] = weak.Make(made)
	runtime.AddCleanup(made, s.forget, k)
}

// forget drops an array that is gone, unless another has taken its place.
func (s *Store) forget(k key) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.arrays[k].Value() == nil {
		delete(s.arrays, k)
	}
}

// piece is how many floats a task reads for a checksum of its own.
const piece = 64 << 10

// checksum is that of the checksums of pieces of the weights.
func (s *Store) checksum(w []float32, run direct.Runner) uint64 {
	sums := make([]uint64, (len(w)+piece-1)/piece)
	run(len(sums), func(task int) {
		part := w[task*piece : min((task+1)*piece, len(w))]
		sums[task] = maphash.Bytes(s.seed, bytesOf(part))
	})
	if len(sums) == 1 {
		return sums[0]
	}
	return maphash.Bytes(s.seed, bytesOf(sums))
}

func bytesOf[T float32 | uint64](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))
}
