package goconv

import (
	"reflect"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// reshape makes a buffer of the inner backend one of float32 with another shape, which must fit in its memory, and
// returns its elements. Module compute has no door for it, hence the reflection: the fields are exported, those of a
// type that cannot be imported.
func reshape(buffer compute.Buffer, shape shapes.Shape) ([]float32, error) {
	value := reflect.Indirect(reflect.ValueOf(buffer))
	if value.Kind() != reflect.Struct {
		return nil, errors.Errorf("backend %q: the buffers of the inner backend are %T, want structs", Name, buffer)
	}
	raw, rawShape, flat := value.FieldByName("RawBytes"), value.FieldByName("RawShape"), value.FieldByName("Flat")
	if !raw.IsValid() || !rawShape.IsValid() || !flat.IsValid() || raw.Len() < 4*shape.Size() {
		return nil, errors.Errorf("backend %q: a buffer of the inner backend cannot take shape %s; use the version of "+
			"github.com/gomlx/compute that go.mod asks for", Name, shape)
	}
	elements := unsafe.Slice((*float32)(raw.UnsafePointer()), shape.Size())
	rawShape.Set(reflect.ValueOf(shape.Clone()))
	flat.Set(reflect.ValueOf(elements))
	return elements, nil
}
