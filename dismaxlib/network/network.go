package network

import (
	"context"
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BackboneScope is the scope of the backbone's variables. Those of the head are in dismaxlib.HeadScope.
const BackboneScope = "backbone"

// Network is all that turns images into logits but the weights. What a loss changes is in the loss alone: networks of
// SoftMax and of DisMax share all the rest. The model and the loss need not be registered, unless the network is to be
// named in a file.
type Network struct {
	Model *models.Model
	Loss  *dismaxlib.Loss // for its head, and for what it does to images in training

	ClassNames []string // one for each class

	// Height and Width are the size of the images in pixels. Mean and Std are the normalization, one number for each
	// channel, of which there are 1 or 3: the backbone takes (pixel/255 - Mean) / Std.
	Height, Width int
	Mean, Std     []float32

	// DType is what the backbone computes in, float32 if it is not set; see [models.MixedPrecision].
	DType dtypes.DType

	// FrozenBackbone keeps the backbone as it is while the head is trained: its variables are not changed, and its batch
	// normalizations use their running statistics, as in evaluation.
	FrozenBackbone bool
}

// Classes returns the number of classes.
func (n *Network) Classes() int { return len(n.ClassNames) }

// Channels returns the number of numbers in a pixel, 1 or 3.
func (n *Network) Channels() int { return len(n.Mean) }

// PixelBytes returns the size of an image in bytes: Height * Width * Channels.
func (n *Network) PixelBytes() int { return n.Height * n.Width * n.Channels() }

// The limits of Check: more than any network of this library has, and few enough pixels to be computed in seconds.
const (
	mostClasses = 1 << 20
	mostPixels  = 1 << 20
)

// Check returns an error that names the first field that cannot be meant.
func (n *Network) Check() error {
	switch {
	case n.Model == nil || n.Model.Backbone == nil:
		return errors.New("the network has no model: choose one by models.ByName, or fill in a models.Model")
	case n.Loss == nil || n.Loss.Head == nil:
		return errors.New("the network has no loss, whose head it needs: choose one by dismaxlib.LossByName")
	case n.Classes() < 1 || n.Classes() > mostClasses:
		return fmt.Errorf("the network has %d class names, want one for each class, 1 to %d", n.Classes(), mostClasses)
	case n.Height < 1 || n.Width < 1 || n.Height > mostPixels/n.Width:
		return fmt.Errorf("images are %dx%d pixels, want 1x1 up to %d pixels in all", n.Width, n.Height, mostPixels)
	case len(n.Mean) != len(n.Std) || n.Channels() != 1 && n.Channels() != 3:
		return fmt.Errorf("the normalization has %d means and %d deviations, want one of each for each channel, 1 or 3",
			len(n.Mean), len(n.Std))
	}
	for channel, std := range n.Std {
		if mean := n.Mean[channel]; !(std > 0) || std-std != 0 || mean-mean != 0 {
			return fmt.Errorf("the normalization of channel %d is mean %g and deviation %g, want finite numbers and a "+
				"deviation above 0", channel, mean, std)
		}
	}
	return nil
}

// Logits builds the graph from uint8 images [batch, height, width, channels] to logits [batch, classes]: raw ones, as
// long as the head's stored temperature is 1, as it is unless somebody sets it. In training graphs the loss mixes the
// quadrants of the images if it is one that does. Like all graph-building code it panics on errors.
func (n *Network) Logits(scope *model.Scope, images *Node) *Node {
	_, logits := n.FeaturesAndLogits(scope, n.Loss.Images(scope, n.Normalize(images)))
	return logits
}

// Normalize maps uint8 images [batch, height, width, channels] to what FeaturesAndLogits takes, float32.
func (n *Network) Normalize(images *Node) *Node { return models.Normalize(images, n.Mean, n.Std) }

// FeaturesAndLogits builds the graph from normalized images [batch, height, width, channels] to the features
// [batch, features] of the backbone and the logits [batch, classes] of the head.
func (n *Network) FeaturesAndLogits(scope *model.Scope, normalized *Node) (features, logits *Node) {
	features = n.features(scope.In(BackboneScope), normalized)
	return features, n.Loss.Head(scope, features, n.Classes())
}

// Scoring returns what scores need of the network with the given weights, for those that go back into it. The weights
// must have temperature 1.
func (n *Network) Scoring(weights *model.Store) *dismaxlib.Network {
	scoring := &dismaxlib.Network{
		Store: weights,
		Backbone: func(scope *model.Scope, normalized *Node) *Node {
			return n.features(scope.In(BackboneScope), normalized)
		},
		Head: func(scope *model.Scope, features *Node) *Node { return n.Loss.Head(scope, features, n.Classes()) },
	}
	if similarities := n.Loss.Similarities; similarities != nil {
		scoring.Similarities = func(scope *model.Scope, features *Node) *Node { return similarities(scope, features, n.Classes()) }
	}
	return scoring
}

// Forward prepares the network with the given weights to pass images through it. It returns features if the scores need
// them, and computes those of the scores that need images, with their fitted states. Its logits are raw: it is an error
// if the weights store a temperature other than 1.
func (n *Network) Forward(backend compute.Backend, weights *model.Store, scores []*dismaxlib.Score,
	fitted map[string]dismaxlib.Fitted) (*Forward, error) {

	if err := n.Check(); err != nil {
		return nil, err
	}
	if err := CheckRaw(weights); err != nil {
		return nil, err
	}
	var needs dismaxlib.Needs
	for _, score := range scores {
		needs |= score.Needs
	}
	scoring := n.Scoring(weights)
	return NewForward(backend, weights, func(scope *model.Scope, images *Node) (logits, features *Node, values []*Node) {
		if !needs.Has(dismaxlib.NeedsImages) {
			features, logits = n.FeaturesAndLogits(scope, n.Normalize(images))
			if !needs.Has(dismaxlib.NeedsFeatures) {
				features = nil
			}
			return logits, features, nil
		}
		models.Differentiable(images.Graph())
		in := scoring.Inputs(n.Normalize(images))
		for _, score := range scores {
			if score.Needs.Has(dismaxlib.NeedsImages) {
				values = append(values, score.Apply(withState(in, fitted[score.Name])))
			}
		}
		return in.Logits, in.Features, values
	})
}

// CheckRaw refuses weights that store a temperature other than 1, by which their logits are divided: scores and thresholds
// are of raw ones. Those without a head are refused where the lack of it shows.
func CheckRaw(weights *model.Store) error {
	if temperature, err := dismaxlib.Temperature(weights); err == nil && temperature != 1 {
		return fmt.Errorf("the weights store the temperature %g, which divides the logits, and raw ones are wanted: "+
			"dismaxlib.SetTemperature(store, 1)", temperature)
	}
	return nil
}

// withState adds the fitted state of a score as constants.
func withState(in dismaxlib.ScoreInputs, fitted dismaxlib.Fitted) dismaxlib.ScoreInputs {
	if fitted == nil {
		return in
	}
	in.Fitted = make(map[string]*Node, len(fitted))
	for name, value := range fitted {
		in.Fitted[name] = ConstTensor(in.Logits.Graph(), value)
	}
	return in
}

// Predict passes images through the network once, and returns features and image scores as far as the scores need
// them. Pixels are uint8 of 0 to 255: any number of images one after the other, each [Height, Width, Channels]. Whoever
// has several sets of images keeps a [Network.Forward], which compiles once, and whose errors are those of Predict too.
func (n *Network) Predict(ctx context.Context, backend compute.Backend, weights *model.Store, pixels []uint8,
	scores ...*dismaxlib.Score) (*Outputs, error) {

	if err := n.Check(); err != nil {
		return nil, err
	}
	forward, err := n.Forward(backend, weights, scores, nil)
	if err != nil {
		return nil, err
	}
	defer forward.Finalize()
	return RunFlat(ctx, forward, pixels, n.Height, n.Width, n.Channels())
}
