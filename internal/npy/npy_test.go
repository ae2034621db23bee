package npy_test

import (
	"bytes"
	"testing"

	"github.com/dismax-go/dismax/internal/npy"
	"github.com/gomlx/gomlx/core/tensors"
)

func array(t testing.TB, value any) []byte {
	t.Helper()
	tensor, err := tensors.FromAnyValue(value)
	if err != nil {
		t.Fatal(err)
	}
	content, err := npy.Write(tensor)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestReadReturnsWhatWriteStored(t *testing.T) {
	for _, value := range []any{float32(1.5), []int32{1, 2, 3}, [][]float32{{1, 2}, {3, 4}}, []uint8{7}} {
		read, err := npy.Read(array(t, value))
		if err != nil {
			t.Errorf("%v: %v", value, err)
			continue
		}
		if want, _ := tensors.FromAnyValue(value); !read.Equal(want) {
			t.Errorf("got %v, want %v", read, want)
		}
	}
}

func TestReadRefusesWhatDoesNotFit(t *testing.T) {
	whole := array(t, [][]float32{{1, 2}, {3, 4}})
	for name, content := range map[string][]byte{
		"nothing":            nil,
		"text":               []byte("not an array at all"),
		"cut":                whole[:len(whole)-1],
		"too long":           append(bytes.Clone(whole), 0),
		"a huge shape":       bytes.Replace(whole, []byte("(2, 2)"), []byte("(2, 99999999999)"), 1),
		"an overflow":        bytes.Replace(whole, []byte("(2, 2)"), []byte("(4611686018427387904, 4)"), 1),
		"a negative shape":   bytes.Replace(whole, []byte("(2, 2)"), []byte("(-2, -2)"), 1),
		"a header that ends": whole[:12],
	} {
		if _, err := npy.Read(content); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(array(f, [][]float32{{1, 2}, {3, 4}}))
	f.Add(array(f, []int32{1, 2, 3}))
	f.Fuzz(func(t *testing.T, content []byte) { _, _ = npy.Read(content) })
}
