package endtoend

import (
	"strings"
	"testing"
)

func TestGridListHasALineForEachRun(t *testing.T) {
	for _, test := range []struct {
		args  []string
		lines int
		want  []string
	}{
		{[]string{"table2-cifar10", "--scale", "cpu"}, 29, []string{ // two of the heading
			"table2-cifar10 at the scale cpu: 25 runs, each 15 epochs, 10000 training\n  images\n\nINDEX  FOLDER\n",
			"\n0      cifar10-resnet20-softmax-seed1-54d0a54c\n"}},
		{[]string{"held-out", "--scale", "cpu"}, 24, []string{ // six runs need a second line
			"held-out at the scale cpu: 15 runs, each 15 epochs, 6000 training images\n",
			"\n0      cifar10-resnet20-softmax-seed1-f472c80a     without bird, cat, dog, ship\n"}},
		{[]string{"table2-cifar10"}, 153, []string{"table2-cifar10 at the scale paper: 150 runs, each 300 epochs\n"}},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			got := succeed(t, dismax(t, append([]string{"grid", "list"}, test.args...)...))
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant in it\n%s", got, want)
				}
			}
			if n := strings.Count(got, "\n"); n != test.lines {
				t.Errorf("got %d lines, want %d:\n%s", n, test.lines, got)
			}
		})
	}
}

func TestGridListHeedsTheScale(t *testing.T) {
	got := succeed(t, dismax(t, "grid", "list", "--scale", "cpu"))
	for text, want := range map[string]bool{"table2-cifar10   25   Table 2": true, "\ncpu  minutes a run": true, "gpu-short": false, "150": false} {
		if strings.Contains(got, text) != want {
			t.Errorf("%q: got %t, want %t, in\n%s", text, !want, want, got)
		}
	}
}
