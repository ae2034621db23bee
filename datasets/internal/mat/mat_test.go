package mat_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
	"github.com/dismax-go/dismax/datasets/internal/mat"
)

func TestMATVariants(t *testing.T) {
	for _, order := range []fixture.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		doubles := func(values ...float64) (data []byte) {
			for _, value := range values {
				data = order.AppendUint64(data, math.Float64bits(value))
			}
			return data
		}
		for _, test := range []struct {
			name string
			kind uint32
			data []byte
			want []uint8
		}{
			{"bytes", fixture.MATUint8, []byte{1, 2, 3}, []uint8{1, 2, 3}},
			{"many bytes", fixture.MATUint8, bytes.Repeat([]byte{5}, 9), bytes.Repeat([]byte{5}, 9)},
			{"shorts", fixture.MATInt16, order.AppendUint16(order.AppendUint16(nil, 200), 7), []uint8{200, 7}},
			{"doubles", fixture.MATFloat64, doubles(10, 255, 0), []uint8{10, 255, 0}},
			{"single", fixture.MATFloat32, order.AppendUint32(nil, math.Float32bits(9)), []uint8{9}},
		} {
			t.Run(fmt.Sprint(order, " ", test.name), func(t *testing.T) {
				array := fixture.MATArray(order, "numbers", []int32{int32(len(test.want)), 1}, test.kind, test.data)
				note := fixture.MATElement(order, fixture.MATUint8, []byte("no array, but allowed"))
				arrays, err := mat.Read(bytes.NewReader(fixture.MATFile(order, note, array, fixture.MATPacked(order, array))), 1000)
				fixture.Must(t, err)
				if len(arrays) != 2 {
					t.Fatalf("got %d arrays, want 2", len(arrays))
				}
				for _, got := range arrays {
					if got.Name != "numbers" || !slices.Equal(got.Values, test.want) {
						t.Errorf("got %q with %v, want numbers with %v", got.Name, got.Values, test.want)
					}
				}
			})
		}
	}
}

// FuzzRead reads any bytes as a MAT file.
func FuzzRead(f *testing.F) {
	order := binary.BigEndian
	small := fixture.MATArray(order, "y", []int32{2, 1}, fixture.MATUint8, []byte{1, 2})
	f.Add(fixture.MATFile(order, small))
	f.Add(fixture.MATFile(order, fixture.MATPacked(order, small)))
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 12
		arrays, err := mat.Read(bytes.NewReader(data), limit)
		if err != nil {
			return
		}
		total := 0
		for _, array := range arrays {
			total += len(array.Values)
		}
		if total > limit {
			t.Errorf("arrays of %d numbers, beyond the limit", total)
		}
	})
}
