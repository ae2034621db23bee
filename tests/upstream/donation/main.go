// Command donation shows that go-xla does not tell XLA's compiler which inputs are given away: the program of a variable
// that is updated in place, as XLA compiles it, has an alias for none of them. It needs XLA's plugin for CPUs.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func main() {
	folder, err := os.MkdirTemp("", "xla")
	check(err)
	defer os.RemoveAll(folder)
	check(os.Setenv("XLA_FLAGS", "--xla_dump_hlo_as_text --xla_dump_to="+folder)) // before the plugin is loaded
	xla, _, err := backend.Open("xla:cpu")
	check(err)
	store := model.NewStore()
	weight, err := store.CreateVariable("/w", tensors.FromScalar(float32(1)))
	check(err)
	step, err := model.NewExec(xla, store, func(_ *model.Scope, g *graph.Graph) *graph.Node {
		weight.SetNodeValue(graph.AddScalar(weight.NodeValue(g), 1))
		return weight.NodeValue(g)
	})
	check(err)
	_, err = step.Call()
	check(err)
	programs, err := filepath.Glob(filepath.Join(folder, "*after_optimizations.txt"))
	check(err)
	for _, path := range programs {
		program, err := os.ReadFile(path)
		check(err)
		fmt.Printf("compiled, %s\n  donors or aliases are declared: %t\n", filepath.Base(path),
			strings.Contains(string(program), "input_output_alias") || strings.Contains(string(program), "buffer_donor"))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
