package direct_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestProductsAreThoseOfMatrices(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(11, 12))
		for range 100 {
			rows, inner, columns := direct.BlockRows*(1+random.IntN(4)), 1+random.IntN(2*direct.SlabRows), 1+random.IntN(70)
			aStride, cStride := inner+random.IntN(20), columns+32
			a, b := kerneltest.Normal(random, rows*aStride), kerneltest.Normal(random, inner*columns)
			product := direct.NewProduct(rows, inner, columns, aStride, cStride)
			got, want := kerneltest.Normal(random, rows*cStride), make([]float64, rows*columns)
			product.Multiply(got, a, packed(product, b, inner, columns), rows, product.Panels)
			for i := range want {
				for k := range inner {
					want[i] += float64(a[i/columns*aStride+k]) * float64(b[k*columns+i%columns])
				}
			}
			if e := kerneltest.RelativeError(unpadded(got, cStride, columns), want); e > 1e-5 {
				t.Errorf("%d rows, %d inner, %d columns: off by %.2g relative", rows, inner, columns, e)
			}
		}
	})
}

// packed packs a matrix for a product.
func packed(p *direct.Product, b []float32, inner, columns int) []float32 {
	to := make([]float32, p.PackedLen())
	for _, panel := range p.Panels {
		for k := range inner {
			copy(to[inner*panel.First+k*panel.Width:], b[k*columns+panel.First:][:panel.Valid])
		}
	}
	return to
}

// unpadded is a matrix without what its rows have beyond the columns.
func unpadded(matrix []float32, stride, columns int) []float32 {
	var values []float32
	for row := range slices.Chunk(matrix, stride) {
		values = append(values, row[:columns]...)
	}
	return values
}

func TestOuterProductsAddWhatTheyAreToldTo(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(13, 14))
		for range 100 {
			rows, inputs, columns := 1+random.IntN(70), 1+random.IntN(40), 1+random.IntN(70)
			stride, sumRows := columns+32, (inputs+direct.BlockRows-1)/direct.BlockRows*direct.BlockRows
			a, b := kerneltest.Normal(random, rows*sumRows), kerneltest.Normal(random, rows*stride)
			got, want := kerneltest.Normal(random, sumRows*stride), make([]float64, inputs*columns)
			product := direct.NewOuterProduct(rows, inputs, columns, sumRows, stride, stride)
			product.Multiply(got, a, b, rows, 0)
			product.Multiply(got, a, b, rows, 1)
			for i := range want {
				for row := range rows {
					want[i] += 2 * float64(a[row*sumRows+i/columns]) * float64(b[row*stride+i%columns])
				}
			}
			if e := kerneltest.RelativeError(unpadded(got, stride, columns), want); e > 1e-5 {
				t.Errorf("%d rows, %d inputs, %d columns: off by %.2g relative", rows, inputs, columns, e)
			}
		}
	})
}
