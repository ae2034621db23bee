package batchnorm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func skipWithoutVectors(tb testing.TB) {
	if !Available() {
		tb.Skip("this build or processor has no vectors")
	}
}

// operands of a normalization, normally distributed. Means are far from 0, which must cost no accuracy.
type operands struct {
	Normalization
	Parameters
	x, dy []float32
}

func newOperands(rows, features int) *operands {
	random := rand.New(rand.NewPCG(uint64(rows), uint64(features)))
	normal := func(n int) []float32 { return kerneltest.Normal(random, n) }
	o := &operands{
		Normalization: Normalization{Rows: rows, Features: features, Epsilon: 1e-5},
		Parameters: Parameters{
			Scale: normal(features), Offset: normal(features), Mean: make([]float32, features),
			Variance: make([]float32, features),
		},
		x: normal(rows * features), dy: normal(rows * features),
	}
	for i := range o.x {
		o.x[i] += float32(20 * (i % features % 5))
	}
	return o
}

// reference computes everything in float64, from the definitions.
type reference struct{ mean, variance, y, dscale, doffset, dx []float64 }

func (o *operands) reference() *reference {
	size, rows := len(o.x), float64(o.Rows)
	of := func(n int) []float64 { return make([]float64, n) }
	r := &reference{of(o.Features), of(o.Features), of(size), of(o.Features), of(o.Features), of(size)}
	normalized := of(size)
	for f := range o.Features {
		column := func(visit func(at int)) {
			for at := f; at < size; at += o.Features {
				visit(at)
			}
		}
		column(func(at int) { r.mean[f] += float64(o.x[at]) / rows })
		column(func(at int) { r.variance[f] += math.Pow(float64(o.x[at])-r.mean[f], 2) / rows })
		deviation := math.Sqrt(r.variance[f] + float64(o.Epsilon))
		column(func(at int) {
			normalized[at] = (float64(o.x[at]) - r.mean[f]) / deviation
			r.y[at] = normalized[at]*float64(o.Scale[f]) + float64(o.Offset[f])
			r.doffset[f] += float64(o.dy[at])
			r.dscale[f] += float64(o.dy[at]) * normalized[at]
		})
		column(func(at int) {
			rest := (r.doffset[f] + normalized[at]*r.dscale[f]) / rows
			r.dx[at] = float64(o.Scale[f]) / deviation * (float64(o.dy[at]) - rest)
		})
	}
	return r
}

func TestNormalizationsAgreeWithFloat64(t *testing.T) {
	skipWithoutVectors(t)
	for _, shape := range [][2]int{{40, 1}, {9, 3}, {64, 16}, {50, 130}, {333, 12}, {8192, 16}, {4096, 36}, {300, 512}} {
		o := newOperands(shape[0], shape[1])
		r := o.reference()
		y, dx := make([]float32, len(o.x)), make([]float32, len(o.x))
		dscale, doffset := make([]float32, o.Features), make([]float32, o.Features)
		o.Forward(y, o.x, nil, o.Parameters, kerneltest.InOrder)
		o.Gradient(dx, dscale, doffset, o.x, o.dy, nil, o.Parameters, kerneltest.InOrder)
		for _, check := range []struct {
			name string
			got  []float32
			want []float64
		}{
			{"mean", o.Mean, r.mean}, {"variance", o.Variance, r.variance}, {"y", y, r.y},
			{"gradient of scale", dscale, r.dscale}, {"gradient of offset", doffset, r.doffset}, {"gradient of x", dx, r.dx},
		} {
			if e := kerneltest.RelativeError(check.got, check.want); e > 4e-6 {
				t.Errorf("%d rows of %d features: %s is off by %.2g relative, want at most 4e-6",
					o.Rows, o.Features, check.name, e)
			}
		}
	}
}

func TestVectorLoopsComputeWhatPlainOnesDo(t *testing.T) {
	skipWithoutVectors(t)
	for _, relu := range []bool{false, true} {
		for _, adds := range []bool{false, true} {
			got, want := loopResults(true, relu, adds), loopResults(false, relu, adds)
			for name := range want {
				exact := make([]float64, len(want[name]))
				for i, v := range want[name] {
					exact[i] = float64(v)
				}
				if e := kerneltest.RelativeError(got[name], exact); e > 1e-6 {
					t.Errorf("relu=%t, adds=%t: %s of the vector loop is off by %.2g relative, want at most 1e-6",
						relu, adds, name, e)
				}
			}
		}
	}
}

// loopResults are those of all loops, over vectors or plain.
func loopResults(vectors, relu, adds bool) map[string][]float32 {
	const rows, width = 37, 72
	o, other := newOperands(rows, width), newOperands(rows, width+8)
	a := affine{mean: other.x[:width], gain: o.Scale, offset: o.Offset}
	s := slopes{affine: a, slope: other.Offset[:width], level: other.Scale[:width]}
	var addend []float32
	if adds {
		addend = other.dy[:len(o.x)]
	}
	made := make(map[string][]float32)
	of := func(name string, n int) []float32 {
		made[name] = make([]float32, n)
		return made[name]
	}
	y, dx := of("y", rows*width), of("dx", rows*width)
	sum, square := of("the sum", width), of("the sum of squares", width)
	dySum, product := of("the sum of dy", width), of("the product", width)
	if vectors {
		sums(sum, square, o.x, o.Scale)
		normalize(y, o.x, addend, a, relu)
		gradientSums(dySum, product, o.dy, o.x, a, relu)
		gradient(dx, o.dy, o.x, addend, s, relu)
	} else {
		sumsPlain(sum, square, o.x, o.Scale)
		normalizePlain(y, o.x, addend, width, a, relu)
		gradientSumsPlain(dySum, product, o.dy, o.x, a, relu)
		gradientPlain(dx, o.dy, o.x, addend, s, relu)
	}
	return made
}

// benchmarkShapes are of ResNet-20's first stage, of a layer of DenseNet-BC-100 and of ResNet-34's last stage.
var benchmarkShapes = [][2]int{{32 << 10, 16}, {16 << 10, 180}, {256, 512}}

func BenchmarkForward(b *testing.B) {
	benchmark(b, 3, func(o *operands, y []float32) { o.Forward(y, o.x, nil, o.Parameters, kerneltest.InOrder) })
}

func BenchmarkGradient(b *testing.B) {
	benchmark(b, 5, func(o *operands, dx []float32) {
		dscale, doffset := make([]float32, o.Features), make([]float32, o.Features)
		o.Gradient(dx, dscale, doffset, o.x, o.dy, nil, o.Parameters, kerneltest.InOrder)
	})
}

func benchmark(b *testing.B, passes float64, run func(o *operands, result []float32)) {
	skipWithoutVectors(b)
	for _, shape := range benchmarkShapes {
		b.Run(fmt.Sprintf("%dx%d", shape[0], shape[1]), func(b *testing.B) {
			o := newOperands(shape[0], shape[1])
			result := make([]float32, len(o.x))
			for b.Loop() {
				run(o, result)
			}
			b.ReportMetric(4*passes*float64(len(o.x))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}
