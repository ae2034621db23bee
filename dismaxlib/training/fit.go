package training

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/internal/initial"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/support/exceptions"
)

// checkFits makes sure that the variables that were restored from a checkpoint are those that training on the batch
// uses. GoMLX would draw a missing one at random and leave a needless one alone.
func (r *run) checkFits(batch train.Batch) error {
	if r.restored == nil {
		return nil
	}
	wanted, err := r.trainedVariables(batch)
	if err != nil {
		return err
	}
	if differences := differences(r.restored, r.Store, wanted); len(differences) > 0 {
		return fmt.Errorf("the checkpoint in %s is of another model: %s", r.Folder, shorten(differences))
	}
	r.restored = nil
	return nil
}

// trainedVariables builds the graph of a training step, as GoMLX's trainer does, and returns a store with the variables
// that it uses, without values.
func (r *run) trainedVariables(batch train.Batch) (*model.Store, error) {
	store := model.NewStore()
	initial.ShapesOnly(store)
	g := NewGraph(r.Backend, "variables of a training step")
	defer g.Finalize()
	model.SetStore(g, store)
	store.SetTraining(g, true)
	err := exceptions.TryCatch[error](func() {
		inputs, labels := parameters(g, "input", batch.Inputs), parameters(g, "label", batch.Labels)
		logits := r.Model(store.RootScope(), inputs[0])
		r.Optimizer.UpdateGraph(store.RootScope(), g, ReduceAllMean(r.Loss(labels, []*Node{logits})))
	})
	return store, err
}

func parameters(g *Graph, name string, values []*tensors.Tensor) []*Node {
	nodes := make([]*Node, len(values))
	for i, value := range values {
		nodes[i] = Parameter(g, fmt.Sprintf("%s %d", name, i), value.Shape())
	}
	return nodes
}

// differences describes where the variables that were restored into a store are not those that are wanted. Those that
// are not trained may be needless, such as the state of the random numbers and what AfterEpoch adds.
func differences(restored []variableHeader, store, wanted *model.Store) []string {
	var found []string
	known := map[string]bool{rateVariable: true}
	for _, saved := range restored {
		known[saved.Path] = true
		variable := wanted.GetVariable(saved.Path)
		if variable == nil && saved.Trained {
			found = append(found, fmt.Sprintf("only the checkpoint has %s", saved.Path))
		}
		if variable == nil {
			continue
		}
		if was := store.GetVariable(saved.Path).Shape(); !was.Equal(variable.Shape()) {
			found = append(found, fmt.Sprintf("%s is %s in the checkpoint and %s in the model",
				saved.Path, was, variable.Shape()))
		}
	}
	for variable := range wanted.IterVariables() {
		if !known[variable.Path()] {
			found = append(found, fmt.Sprintf("only the model or its optimizer has %s", variable.Path()))
		}
	}
	return found
}

// shorten joins the descriptions for a message.
func shorten(descriptions []string) string {
	const most = 5
	if len(descriptions) > most {
		return fmt.Sprintf("%s; and %d more", strings.Join(descriptions[:most], "; "), len(descriptions)-most)
	}
	return strings.Join(descriptions, "; ")
}
