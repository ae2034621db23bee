package dismaxlib

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Network is a trained network, for the scores that go back into it.
type Network struct {
	// Store holds the weights. The temperature that it stores must be 1, since scores are taken from raw logits.
	Store *model.Store

	// Backbone computes features [batch, features] of normalized images [batch, height, width, channels]. It may be nil
	// if no score needs images.
	Backbone func(scope *model.Scope, images *Node) (features *Node)

	// Head computes logits [batch, classes] of features: a function such as that of [Loss.Head].
	Head func(scope *model.Scope, features *Node) (logits *Node)

	// Similarities are those of [Loss.Similarities]; nil where the loss has none.
	Similarities func(scope *model.Scope, features *Node) *Node
}

// Inputs runs the network on normalized images and returns all that any score may read but its fitted state: what the
// model function of a detector needs.
func (n *Network) Inputs(images *Node) ScoreInputs {
	features := n.Backbone(n.Store.RootScope(), images)
	logits := n.head(features)
	return ScoreInputs{
		Logits: logits, Features: features, Head: n.head, Similarities: n.similarities(),
		Images: images,
		Network: func(changed *Node) (*Node, *Node) {
			if changed == images {
				return features, logits
			}
			return n.run(changed)
		},
	}
}

// run computes everything anew.
func (n *Network) run(images *Node) (features, logits *Node) {
	features = n.Backbone(n.Store.RootScope(), images)
	return features, n.head(features)
}

// head returns raw logits. A new scope each time lets several scores of one graph call it.
func (n *Network) head(features *Node) *Node {
	if temperature, err := Temperature(n.Store); err == nil && temperature != 1 {
		Panicf("scores are taken from raw logits, and the network divides its logits by the temperature %g: "+
			"set it to 1 with dismaxlib.SetTemperature", temperature)
	}
	return n.Head(n.Store.RootScope(), features)
}

// similarities is what [ScoreInputs.Similarities] holds; nil where there are none.
func (n *Network) similarities() func(features *Node) *Node {
	if n.Similarities == nil {
		return nil
	}
	return func(features *Node) *Node { return n.Similarities(n.Store.RootScope(), features) }
}
