package mat

import (
	"encoding/binary"
	"fmt"
	"math"
)

// small returns numbers of any type as bytes, in which they must fit.
func small(order binary.ByteOrder, kind uint32, data []byte) ([]uint8, error) {
	var size int
	var number func([]byte) float64
	switch kind {
	case typeUint8:
		return data, nil
	case typeInt8:
		size, number = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case typeInt16:
		size, number = 2, func(b []byte) float64 { return float64(int16(order.Uint16(b))) }
	case typeUint16:
		size, number = 2, func(b []byte) float64 { return float64(order.Uint16(b)) }
	case typeInt32:
		size, number = 4, func(b []byte) float64 { return float64(int32(order.Uint32(b))) }
	case typeUint32:
		size, number = 4, func(b []byte) float64 { return float64(order.Uint32(b)) }
	case typeFloat32:
		size, number = 4, func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) }
	case typeFloat64:
		size, number = 8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) }
	default:
		return nil, fmt.Errorf("numbers of type %d are not read", kind)
	}
	if len(data)%size != 0 {
		return nil, fmt.Errorf("%d bytes are not a whole number of numbers of %d bytes", len(data), size)
	}
	values := make([]uint8, len(data)/size)
	for i := range values {
		value := number(data[i*size:])
		if !(value >= 0 && value <= 255) || value != math.Trunc(value) {
			return nil, fmt.Errorf("number %d is %g, where integers from 0 to 255 are read", i, value)
		}
		values[i] = uint8(value)
	}
	return values, nil
}
