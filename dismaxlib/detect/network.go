package detect

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BackboneScope is the scope of the backbone's variables. Those of the head are in dismaxlib.HeadScope.
const BackboneScope = "backbone"

// Network names all that turns pixels into logits but the weights.
type Network struct {
	Model         string        `json:"model"` // a name of models.ByName
	Loss          string        `json:"loss"`  // a name of dismaxlib.LossByName, for its head
	Classes       int           `json:"classes"`
	ClassNames    []string      `json:"class_names,omitempty"` // [Classes], or none
	Height        int           `json:"height"`
	Width         int           `json:"width"`
	Normalization Normalization `json:"normalization"`
}

// Normalization maps each colour of a pixel to (pixel/255 - Mean) / Std.
type Normalization struct {
	Mean [3]float32 `json:"mean"`
	Std  [3]float32 `json:"std"`
}

// pixels is the number of bytes of an image: height * width * 3 colours.
func (n Network) pixels() int { return n.Height * n.Width * 3 }

func (n Network) check() error {
	if _, err := models.ByName(n.Model); err != nil {
		return err
	}
	if _, err := dismaxlib.LossByName(n.Loss); err != nil {
		return err
	}
	const limit = 1 << 20 // far more than any network has
	switch {
	case n.Classes < 1 || n.Classes > limit:
		return fmt.Errorf("classes is %d, want at least 1", n.Classes)
	case len(n.ClassNames) != 0 && len(n.ClassNames) != n.Classes:
		return fmt.Errorf("there are %d class names for %d classes", len(n.ClassNames), n.Classes)
	case n.Height < 1 || n.Width < 1 || n.Height > limit || n.Width > limit:
		return fmt.Errorf("images are %dx%d pixels, want at least 1x1", n.Height, n.Width)
	}
	for channel, std := range n.Normalization.Std {
		if mean := n.Normalization.Mean[channel]; !(std > 0) || std-std != 0 || mean-mean != 0 {
			return fmt.Errorf("the normalization of colour %d is mean %g and deviation %g, want finite numbers and a "+
				"deviation above 0", channel, mean, std)
		}
	}
	return nil
}

// Logits builds the graph from uint8 images [batch, Height, Width, 3] to logits [batch, Classes], divided by the
// temperature. Like all graph-building code it panics on errors.
func (n Network) Logits(scope *model.Scope, images *Node) *Node {
	backbone, err := models.ByName(n.Model)
	if err != nil {
		panic(err)
	}
	loss, err := dismaxlib.LossByName(n.Loss)
	if err != nil {
		panic(err)
	}
	images = models.Normalize(images, n.Normalization.Mean[:], n.Normalization.Std[:])
	features := backbone.Backbone(scope.In(BackboneScope), images)
	return loss.Head(scope, features, n.Classes)
}
