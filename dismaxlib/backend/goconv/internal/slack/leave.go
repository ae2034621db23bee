//go:build goexperiment.simd && amd64

package slack

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/compute/support"
)

// largest is the size of the largest buffer, that of Go's heap.
const largest = 1 << 47

// Leave makes a new go backend take the memory of its buffers from allocate, which is [Allocate] but in tests. Buffers
// that the backend has handed out before keep theirs.
//
// It reaches into the backend, since module compute has no door for it: into the map from sizes to pools that
// GetBuffer takes buffers from. It is an error if that is not as in the version that go.mod names.
func Leave(backend compute.Backend, allocate func(size int) []byte) error {
	p, err := poolsOf(backend)
	if err != nil {
		return fmt.Errorf("leaving room after buffers, which operations read past the ends of with "+
			"GOEXPERIMENT=simd: %w; use the version of github.com/gomlx/compute that go.mod asks for, or build "+
			"without SIMD", err)
	}
	for size := 1; size <= largest; size = support.TwoBitBucketLen(size + 1) {
		p.set(size, func() []byte { return allocate(size) })
	}
	return nil
}

// pools are those of a go backend, and what is in them.
type pools struct {
	bySize *sync.Map    // of *sync.Pool
	key    reflect.Type // of the map: a struct of one int, the size in bytes
	buffer reflect.Type // what is in the pools: a pointer to a struct with the field RawBytes
}

var errUnknown = errors.New("this version of the go backend is not known")

// poolsOf finds the pools of a backend and checks that its buffers come from them.
func poolsOf(backend compute.Backend) (*pools, error) {
	value := reflect.Indirect(reflect.ValueOf(backend))
	if value.Kind() != reflect.Struct || !value.CanAddr() {
		return nil, fmt.Errorf("%w: it is a %T", errUnknown, backend)
	}
	field := value.FieldByName("bufferPools")
	if !field.IsValid() || field.Type() != reflect.TypeFor[sync.Map]() {
		return nil, fmt.Errorf("%w: it has no bufferPools", errUnknown)
	}
	p := &pools{bySize: (*sync.Map)(unsafe.Pointer(field.UnsafeAddr()))}
	const size = 5
	first, err := newBuffer(backend, size)
	if err != nil {
		return nil, err
	}
	p.buffer = first.Type()
	p.bySize.Range(func(key, _ any) bool {
		p.key = reflect.TypeOf(key)
		return false
	})
	if p.key == nil || p.key.Kind() != reflect.Struct || p.key.NumField() != 1 || p.key.Field(0).Type.Kind() != reflect.Int {
		return nil, fmt.Errorf("%w: it keeps buffers by %v", errUnknown, p.key)
	}
	memory := Allocate(support.TwoBitBucketLen(size))
	p.set(len(memory), func() []byte { return memory })
	second, err := newBuffer(backend, size)
	if err != nil {
		return nil, err
	}
	if raw := second.Elem().FieldByName("RawBytes").Bytes(); unsafe.SliceData(raw) != unsafe.SliceData(memory) {
		return nil, fmt.Errorf("%w: its buffers do not come from its pools", errUnknown)
	}
	return p, nil
}

// newBuffer returns a buffer of the backend, a pointer to a struct with the field RawBytes.
func newBuffer(backend compute.Backend, size int) (reflect.Value, error) {
	buffer, _, err := backend.NewSharedBuffer(0, shapes.Make(dtypes.Uint8, size))
	if err != nil {
		return reflect.Value{}, err
	}
	value := reflect.ValueOf(buffer)
	if value.Kind() == reflect.Pointer && value.Elem().Kind() == reflect.Struct {
		if field := value.Elem().FieldByName("RawBytes"); field.IsValid() && field.Type() == reflect.TypeFor[[]byte]() {
			return value, nil
		}
	}
	return reflect.Value{}, fmt.Errorf("%w: its buffers are %T without RawBytes", errUnknown, buffer)
}

// set puts an empty pool, which makes buffers of the memory that allocate returns, in place of the one for a size.
func (p *pools) set(size int, allocate func() []byte) {
	key := reflect.New(p.key).Elem()
	*(*int)(unsafe.Pointer(key.Field(0).UnsafeAddr())) = size
	p.bySize.Store(key.Interface(), &sync.Pool{New: func() any {
		buffer := reflect.New(p.buffer.Elem())
		buffer.Elem().FieldByName("RawBytes").SetBytes(allocate())
		return buffer.Interface()
	}})
}
