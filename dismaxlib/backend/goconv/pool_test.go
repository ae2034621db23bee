package goconv_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

func TestPoolsAgreeWithTheInnerBackend(t *testing.T) {
	direct, inner := open(t, ""), open(t, "im2col")
	random := rand.New(rand.NewPCG(21, 22))
	for i := range 60 {
		dimensions := []int{1 + random.IntN(3)}
		var paddings [][2]int
		window, stride := 1+random.IntN(3), 1+random.IntN(3)
		for range 1 + i%2 {
			dimensions = append(dimensions, 3+random.IntN(8))
			paddings = append(paddings, [2]int{random.IntN(window), random.IntN(window)})
		}
		shape := graphShape(append(dimensions, 1+random.IntN(6))...)
		x := randomTensor(random, shape)
		isMean, isPadded := i%3 == 0, i%4 < 2
		fn := func(operands []*graph.Node) []*graph.Node {
			pool := graph.MaxPool(operands[0])
			if isMean {
				pool = graph.MeanPool(operands[0])
			}
			pool = pool.Window(window).Strides(stride).NoPadding()
			if isPadded {
				pool = pool.PaddingPerDim(paddings)
			}
			y := pool.Done()
			return []*graph.Node{y, graph.Gradient(weightedLoss(y), operands[0])[0]}
		}
		got, want := call(t, direct, fn, x), call(t, inner, fn, x)
		for o, name := range []string{"value", "gradient"} {
			if e := relativeError(got[o], want[o]); e > 1e-5 {
				t.Errorf("%s, mean=%v, window %d, stride %d, paddings %v %v: %s is off by %.2g relative",
					shape, isMean, window, stride, isPadded, paddings, name, e)
			}
		}
	}
}
