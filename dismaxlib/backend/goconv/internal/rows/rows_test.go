package rows

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// inReverse runs the tasks from last to first.
func inReverse(tasks int, task func(int)) {
	for i := range tasks {
		task(tasks - 1 - i)
	}
}

// numbered has 0, 1, 2 and so on.
func numbered(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i)
	}
	return values
}

// sliced takes elements one by one.
func sliced(axes []Axis, from []float32) []float32 {
	if len(axes) == 0 {
		return from[:1]
	}
	stride := len(from) / axes[0].Size
	var to []float32
	for position := range axes[0].Count {
		to = append(to, sliced(axes[1:], from[(axes[0].Start+position)*stride:][:stride])...)
	}
	return to
}

// slicesToTest cut no axis, one, several, and so much that it takes several tasks.
var slicesToTest = [][]Axis{
	{{5, 0, 5}},
	{{5, 2, 2}},
	{{3, 0, 3}, {4, 0, 4}, {7, 2, 5}},
	{{3, 0, 3}, {4, 1, 2}, {7, 0, 7}},
	{{3, 1, 2}, {4, 0, 4}, {7, 0, 7}},
	{{3, 1, 2}, {4, 2, 1}, {5, 0, 5}, {7, 3, 4}},
	{{2, 0, 2}, {4, 1, 3}, {5, 2, 3}, {3, 0, 3}},
	{{600, 0, 600}, {9, 0, 9}, {20, 8, 12}},
	{{1, 0, 1}, {40000, 1, 39000}},
}

func TestSlicesTakeTheirPart(t *testing.T) {
	for _, axes := range slicesToTest {
		size := 1
		for _, axis := range axes {
			size *= axis.Size
		}
		from := numbered(size)
		want := sliced(axes, from)
		got := make([]float32, len(want))
		NewSlice(axes).Run(got, from, inReverse)
		checkSame(t, fmt.Sprint(axes), got, want)
	}
}

func TestConcatenationsPutArraysSideBySide(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{1, 3, 2000} {
		c := Concatenation{Rows: rows}
		var from [][]float32
		for range 1 + random.IntN(4) {
			width := 1 + random.IntN(40)
			c.Widths = append(c.Widths, width)
			from = append(from, numbered(rows*width))
		}
		var want []float32
		for row := range rows {
			for i, width := range c.Widths {
				want = append(want, from[i][row*width:][:width]...)
			}
		}
		got := make([]float32, len(want))
		c.Run(got, from, inReverse)
		checkSame(t, fmt.Sprintf("%d rows of %v", rows, c.Widths), got, want)
	}
}

func checkSame(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: element %d is %g, want %g", what, i, got[i], want[i])
			return
		}
	}
}

// BenchmarkSlice takes the 12 channels of a layer of DenseNet-BC-100 out of 216, and all but them.
func BenchmarkSlice(b *testing.B) {
	const rows, channels = 16 << 10, 216
	from, to := numbered(rows*channels), numbered(rows*channels)
	for _, axis := range []Axis{{channels, 204, 12}, {channels, 0, 204}} {
		slice := NewSlice([]Axis{{rows, 0, rows}, axis})
		b.Run(fmt.Sprint(axis.Count), func(b *testing.B) {
			for b.Loop() {
				slice.Run(to, from, inReverse)
			}
			b.ReportMetric(2*4*rows*float64(axis.Count)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}

// BenchmarkConcatenation appends 12 channels to 204.
func BenchmarkConcatenation(b *testing.B) {
	c := Concatenation{Rows: 16 << 10, Widths: []int{204, 12}}
	from := [][]float32{numbered(c.Rows * 204), numbered(c.Rows * 12)}
	to := make([]float32, c.Rows*216)
	for b.Loop() {
		c.Run(to, from, inReverse)
	}
	b.ReportMetric(2*4*float64(len(to))*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
}
