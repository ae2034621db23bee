package network

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// features builds the backbone in the scope, and checks what it returns.
func (n *Network) features(scope *model.Scope, normalized *Node) *Node {
	features := n.buildBackbone(scope, normalized)
	if want := n.Model.Features; want != 0 && (features.Rank() != 2 || features.Shape().Dim(1) != want) {
		Panicf("the model %s declares %d features, and its backbone returns %s, where [batch, %[2]d] is wanted: "+
			"correct the field Features of the models.Model, or pool or flatten what the backbone returns",
			n.Model.Name, want, features.Shape())
	}
	return features
}

// buildBackbone builds the backbone in evaluation mode, and apart from the gradient, if it is frozen.
func (n *Network) buildBackbone(scope *model.Scope, normalized *Node) *Node {
	backbone := n.Model.Backbone
	if n.DType != dtypes.InvalidDType && n.DType != dtypes.Float32 {
		backbone = models.MixedPrecision(backbone, n.DType)
	}
	if !n.FrozenBackbone {
		return withRemedy(backbone, scope, normalized)
	}
	g := normalized.Graph()
	training := scope.IsTraining(g)
	scope.SetTraining(g, false)
	features := withRemedy(backbone, scope, normalized)
	scope.SetTraining(g, training)
	for variable := range scope.IterVariables() {
		variable.SetTrainable(false)
	}
	return StopGradient(features)
}

// withRemedy builds the backbone. GoMLX's complaint about two layers in one scope goes on with what helps.
func withRemedy(backbone models.Backbone, scope *model.Scope, normalized *Node) (features *Node) {
	err := TryCatch[error](func() { features = backbone(scope, normalized) })
	if err != nil && strings.Contains(err.Error(), "already visited") {
		panic(fmt.Errorf("the backbone builds two layers in one scope, %w: give each layer a scope of its own, as in "+
			"layers.Dense(scope.In(\"hidden\"), …)", err))
	}
	if err != nil {
		panic(err)
	}
	return features
}
