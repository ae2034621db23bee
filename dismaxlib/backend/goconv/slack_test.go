//go:build unix && goexperiment.simd && amd64

package goconv_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/slack"
)

func TestNoOperationReadsBeyondTheSlack(t *testing.T) {
	for _, test := range vectorOperations() {
		if err := test.run(t, slack.Size); err != nil {
			t.Errorf("%s: %v", test, err)
		}
	}
}

// TestPartialLoadsReadPastTheEnd shows what the slack is for. Where an operation does not fail here, Go or module compute
// has been mended; once none does, package slack can go.
func TestPartialLoadsReadPastTheEnd(t *testing.T) {
	for _, test := range vectorOperations() {
		if err := test.run(t, 0); err == nil && test.readsPast {
			t.Errorf("%s: got no fault without slack", test)
		}
	}
}

// TestGoroutinesReadNoFurtherThanTheSlack lets three goroutines share an operation whose parts end within vectors.
func TestGoroutinesReadNoFurtherThanTheSlack(t *testing.T) {
	const variable = "GOCONV_TEST_SLACK"
	if value, isChild := os.LookupEnv(variable); isChild {
		trainWithSlack(t, must(strconv.Atoi(value)))
		return
	}
	for bytes, want := range map[int]bool{slack.Size: false, 0: true} {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, bytes), "GOMAXPROCS=3")
		output, err := child.CombinedOutput()
		if got := err != nil && strings.Contains(string(output), "SIGSEGV"); got != want || err != nil && !want {
			t.Errorf("%d bytes of slack: got crash %t and error %v, want crash %t\n%s", bytes, got, err, want, output)
		}
	}
}

// trainWithSlack computes the gradient of a layer of activations.
func trainWithSlack(t *testing.T, slack int) {
	backend, err := goconv.NewWithMemory("", fenced(slack))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	exec, err := graph.NewExec(backend, func(x *graph.Node) *graph.Node {
		return graph.Gradient(graph.ReduceAllSum(graph.Square(activation.Relu(x))), x)[0]
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := exec.Call(tensors.FromShape(graphShape(1 << 18))); err != nil {
			t.Fatal(err)
		}
	}
}

// run executes the operation with buffers that end, after some slack, where nothing can be read.
func (o *vectorOperation) run(t *testing.T, slack int) error {
	t.Helper()
	backend, err := goconv.NewWithMemory("ops_sequential", fenced(slack))
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	exec, err := graph.NewExec(backend, o.fn)
	if err != nil {
		t.Fatal(err)
	}
	var operands []any
	for _, dimensions := range o.operands {
		operands = append(operands, tensors.FromShape(shapes.Make(o.dtype, dimensions...)))
	}
	if problem := fence.Check(func() { _, err = exec.Call(operands...) }); problem != nil {
		return fmt.Errorf("%v", problem)
	}
	return err
}

// fenced allocates memory that ends, after some slack, where nothing can be read.
func fenced(slack int) func(size int) []byte {
	return func(size int) []byte {
		memory, err := fence.Memory(size, slack)
		if err != nil {
			panic(err)
		}
		return memory
	}
}
