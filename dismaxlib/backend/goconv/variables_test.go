package goconv_test

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// GoMLX bakes the values of variables into evaluation graphs on backends that ask for it, as the go backend does: a
// model that is evaluated while it trains would then be measured with its first weights for ever.
func TestEvaluationSeesVariablesThatChangedSince(t *testing.T) {
	backend, err := compute.NewWithConfig(goconv.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	counter := model.MustNewExec(backend, model.NewStore(), func(scope *model.Scope, g *Graph) *Node {
		variable := scope.VariableWithValue("counter", int32(0))
		variable.SetNodeValue(AddScalar(variable.NodeValue(g), 1))
		return variable.NodeValue(g)
	})
	for want := int32(1); want <= 3; want++ {
		if got := counter.MustCall1().Value(); got != want {
			t.Fatalf("call %d counts %v, want %d", want, got, want)
		}
	}
}
