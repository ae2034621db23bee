//go:build unix && goexperiment.simd && amd64

package slack_test

import (
	"simd/archsimd"
	"testing"
	"unsafe"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

// TestPartialLoadsReadPastTheEndAsTheDocumentationSays goes over all partial loads and stores of package archsimd.
func TestPartialLoadsReadPastTheEndAsTheDocumentationSays(t *testing.T) {
	if !archsimd.X86.AVX2() {
		t.Skip("this processor has no AVX2")
	}
	t.Run("128 bits", check128)
	t.Run("256 bits", check256)
	t.Run("512 bits", check512)
}

func check128(t *testing.T) {
	check(t, "Int8x16", false, archsimd.LoadInt8x16Part, archsimd.Int8x16.StorePart)
	check(t, "Int16x8", false, archsimd.LoadInt16x8Part, archsimd.Int16x8.StorePart)
	check(t, "Int32x4", true, archsimd.LoadInt32x4Part, archsimd.Int32x4.StorePart)
	check(t, "Int64x2", true, archsimd.LoadInt64x2Part, archsimd.Int64x2.StorePart)
	check(t, "Uint8x16", false, archsimd.LoadUint8x16Part, archsimd.Uint8x16.StorePart)
	check(t, "Uint16x8", false, archsimd.LoadUint16x8Part, archsimd.Uint16x8.StorePart)
	check(t, "Uint32x4", true, archsimd.LoadUint32x4Part, archsimd.Uint32x4.StorePart)
	check(t, "Uint64x2", true, archsimd.LoadUint64x2Part, archsimd.Uint64x2.StorePart)
	check(t, "Float32x4", true, archsimd.LoadFloat32x4Part, archsimd.Float32x4.StorePart)
	check(t, "Float64x2", true, archsimd.LoadFloat64x2Part, archsimd.Float64x2.StorePart)
}

func check256(t *testing.T) {
	check(t, "Int8x32", false, archsimd.LoadInt8x32Part, archsimd.Int8x32.StorePart)
	check(t, "Int16x16", false, archsimd.LoadInt16x16Part, archsimd.Int16x16.StorePart)
	check(t, "Int32x8", true, archsimd.LoadInt32x8Part, archsimd.Int32x8.StorePart)
	check(t, "Int64x4", true, archsimd.LoadInt64x4Part, archsimd.Int64x4.StorePart)
	check(t, "Uint8x32", false, archsimd.LoadUint8x32Part, archsimd.Uint8x32.StorePart)
	check(t, "Uint16x16", false, archsimd.LoadUint16x16Part, archsimd.Uint16x16.StorePart)
	check(t, "Uint32x8", true, archsimd.LoadUint32x8Part, archsimd.Uint32x8.StorePart)
	check(t, "Uint64x4", true, archsimd.LoadUint64x4Part, archsimd.Uint64x4.StorePart)
	check(t, "Float32x8", true, archsimd.LoadFloat32x8Part, archsimd.Float32x8.StorePart)
	check(t, "Float64x4", true, archsimd.LoadFloat64x4Part, archsimd.Float64x4.StorePart)
}

func check512(t *testing.T) {
	if !archsimd.X86.AVX512() {
		t.Skip("this processor has no AVX-512")
	}
	check(t, "Int8x64", true, archsimd.LoadInt8x64Part, archsimd.Int8x64.StorePart)
	check(t, "Int16x32", true, archsimd.LoadInt16x32Part, archsimd.Int16x32.StorePart)
	check(t, "Int32x16", true, archsimd.LoadInt32x16Part, archsimd.Int32x16.StorePart)
	check(t, "Int64x8", true, archsimd.LoadInt64x8Part, archsimd.Int64x8.StorePart)
	check(t, "Uint8x64", true, archsimd.LoadUint8x64Part, archsimd.Uint8x64.StorePart)
	check(t, "Uint16x32", true, archsimd.LoadUint16x32Part, archsimd.Uint16x32.StorePart)
	check(t, "Uint32x16", true, archsimd.LoadUint32x16Part, archsimd.Uint32x16.StorePart)
	check(t, "Uint64x8", true, archsimd.LoadUint64x8Part, archsimd.Uint64x8.StorePart)
	check(t, "Float32x16", true, archsimd.LoadFloat32x16Part, archsimd.Float32x16.StorePart)
	check(t, "Float64x8", true, archsimd.LoadFloat64x8Part, archsimd.Float64x8.StorePart)
}

// check stores and loads each number of elements that does not fill a vector, at the end of readable memory.
func check[Element, Vector any](
	t *testing.T, name string, readsPast bool,
	load func(from []Element) (Vector, int), store func(what Vector, to []Element) int,
) {
	t.Helper()
	var zero Vector
	var one Element
	for n := 1; n < int(unsafe.Sizeof(zero)/unsafe.Sizeof(one)); n++ {
		memory, err := fence.Memory(n*int(unsafe.Sizeof(one)), 0)
		if err != nil {
			t.Fatal(err)
		}
		elements := unsafe.Slice((*Element)(unsafe.Pointer(unsafe.SliceData(memory))), n)
		if problem := fence.Check(func() { store(zero, elements) }); problem != nil {
			t.Errorf("storing %d elements of %s: %v", n, name, problem)
		}
		problem := fence.Check(func() { load(elements) })
		if got := problem != nil; got != readsPast {
			t.Errorf("loading %d elements of %s: got %v, want a read past the end %t", n, name, problem, readsPast)
		}
	}
}
