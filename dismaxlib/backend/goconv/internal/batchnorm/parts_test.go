package batchnorm

import (
	"fmt"
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestPartsAreBitForBitTheWholeNormalization(t *testing.T) {
	skipWithoutVectors(t)
	for _, test := range []struct{ rows, features, partRows int }{
		{16, 16, 4}, {64, 36, 32}, {12, 64, 1}, {36, 24, 3}, {8, 342, 4}, {24, 8, 24},
	} {
		for _, relu := range []bool{false, true} {
			t.Run(fmt.Sprintf("%+v/relu=%t", test, relu), func(t *testing.T) {
				o := newOperands(test.rows, test.features)
				o.Relu = relu
				o.x[0] = float32(math.NaN())
				for i := range o.Variance {
					o.Variance[i] = o.Scale[i] * o.Scale[i]
				}
				got, want := make([]float32, len(o.x)), make([]float32, len(o.x))
				o.Inference(want, o.x, nil, o.Parameters, kerneltest.InOrder)
				part := test.partRows * test.features
				if !o.InParts(part) {
					t.Fatalf("parts of %d rows cannot be normalized one by one", test.partRows)
				}
				normalize := o.Parts(o.Parameters)
				for at := 0; at < len(o.x); at += part {
					normalize(got[at:at+part], o.x[at:at+part])
				}
				for i := range want {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("number %d: got %v, want %v", i, got[i], want[i])
					}
				}
			})
		}
	}
}

func TestOnlyWholeVectorsOfTheSameFeaturesMakeParts(t *testing.T) {
	n := Normalization{Features: 36} // two rows of which are nine vectors
	for rows, want := range map[int]bool{1: false, 2: true, 3: false, 8: true} {
		if got := n.InParts(rows * 36); got != want {
			t.Errorf("%d rows of 36 features: got %t, want %t", rows, got, want)
		}
	}
}
