package dismaxlib

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/internal/registry"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Loss is one way to train a classifier: a head, the loss function that goes with it, and the scores that detect
// out-of-distribution inputs. [LossByName] finds the five of the paper: "softmax", "isomax", "isomaxplus", "dismax" and
// "dismax-fpr" (DisMax with fractional probability regularization); and two that its Table 2 quotes, "scaled-cosine" and
// "godin".
type Loss struct {
	// Name is what the command line and the records call the loss, Title what tables and plots call it.
	Name, Title string

	// Parameters are the numbers that the loss was built with, for records: {"alpha": 1}. Nil if it has none.
	Parameters map[string]float64

	// Head adds the last layer: features [batch, features] to logits [batch, numClasses].
	Head func(scope *model.Scope, features *Node, numClasses int) *Node

	// Function is the loss given to train.NewTrainer. It takes labels[0], integers [batch, 1] or [batch], and
	// predictions[0], the logits of Head, and returns a scalar.
	Function train.LossFn

	// LinearHead says that the head is linear, with its weights and bias stored as those of [SoftMax]: some scores are
	// defined for no other.
	LinearHead bool

	// Similarities, if not nil, are what the head compares features [batch, features] with classes by, [batch, numClasses],
	// before it scales them by a number of its own for each input: [MaxSimilarity] is defined for such heads alone.
	Similarities func(scope *model.Scope, features *Node, numClasses int) *Node

	// MixesQuadrants says that training images must pass through Images.
	MixesQuadrants bool

	// Scores are those named beforehand to detect out-of-distribution inputs of a network trained with this loss: for
	// the losses of the paper, its choices, and for SoftMax the usual baselines too. The first is the default. They need
	// not be registered.
	Scores []*Score
}

// Images prepares images [batch, height, width, channels] of any dtype for the loss: in a training graph of a loss that
// mixes quadrants it is [MixQuadrants], otherwise it returns the images unchanged. The result has their shape and dtype.
// Call it first in the model function; before or after a normalization of each channel comes to the same. It panics
// where MixQuadrants does.
func (l *Loss) Images(scope *model.Scope, images *Node) *Node {
	if l.MixesQuadrants && scope.IsTraining(images.Graph()) {
		return MixQuadrants(images)
	}
	return images
}

// The names of the losses that have a number in them. DisMax with FPR is called fprName alone at the paper's alpha, 1.
const (
	fprName  = "dismax-fpr"
	fprAlpha = fprName + ":alpha="   // "dismax-fpr:alpha=0.5"
	halfName = "dismax-half:weight=" // "dismax-half:weight=1"
)

// numbered are the losses of any weight, by the beginnings of their names, which end with the weight.
var numbered = []struct {
	prefix string
	of     func(weight float64) *Loss
}{{fprAlpha, DisMaxFPR}, {halfName, DisMaxHalf}}

// DisMaxFPR is the DisMax loss with fractional probability regularization of weight alpha, see [FPRLoss]. With the
// paper's alpha, 1, it is called "dismax-fpr", with another "dismax-fpr:alpha=0.5" and so on. It panics where FPRLoss
// does.
func DisMaxFPR(alpha float64) *Loss {
	loss := &Loss{
		Name: fprName, Title: "DisMax + FPR", Parameters: map[string]float64{"alpha": alpha},
		Head: done(DisMax), Function: FPRLoss(alpha), MixesQuadrants: true, Scores: []*Score{MMLES, MPS},
	}
	if alpha != 1 {
		loss.Name = fprAlpha + strconv.FormatFloat(alpha, 'g', -1, 64)
		loss.Title += fmt.Sprintf(" (alpha %g)", alpha)
	}
	return loss
}

// DisMaxHalf is the control of [DisMaxFPR]: the DisMax loss of the first half of each batch, times a weight, see
// [HalfLoss]. No image is mixed. It is called "dismax-half:weight=0.5" and so on. It panics where HalfLoss does.
func DisMaxHalf(weight float64) *Loss {
	return &Loss{
		Name: halfName + strconv.FormatFloat(weight, 'g', -1, 64), Title: fmt.Sprintf("DisMax, half batches (weight %g)", weight),
		Parameters: map[string]float64{"weight": weight},
		Head:       done(DisMax), Function: HalfLoss(weight), Scores: []*Score{MMLES, MPS},
	}
}

// byVariant returns the loss of a name that ends with a variant, such as "dismax-fpr:alpha=0.5".
func byVariant(name string) (*Loss, error) {
	for _, similarity := range []Similarity{Inner, Euclidean} {
		if loss := godin(similarity); loss.Name == name {
			return loss, nil
		}
	}
	for _, family := range numbered {
		loss, _, _ := strings.Cut(family.prefix, ":")
		if !strings.HasPrefix(name, loss+":") {
			continue
		}
		weight, err := strconv.ParseFloat(strings.TrimPrefix(name, family.prefix), 64)
		if err != nil || !isWeight(weight) {
			return nil, fmt.Errorf("%w loss %q: want %[3]s and a finite number that is not negative, as in %[3]s0.5",
				ErrUnknown, name, family.prefix)
		}
		return family.of(weight), nil
	}
	_, err := losses.ByName(name)
	return nil, fmt.Errorf("%w, or %s0.5, %s1 and the like, %s:%s or %s:%s", err, fprAlpha, halfName,
		godinName, Inner, godinName, Euclidean)
}

var losses = registry.New[*Loss]("loss")

func init() {
	RegisterLoss(&Loss{
		Name: "softmax", Title: "SoftMax",
		Head: done(SoftMax), LinearHead: true, Function: SoftMaxLoss, Scores: []*Score{MPS, MDS, Energy},
	})
	RegisterLoss(&Loss{
		Name: "isomax", Title: "IsoMax",
		Head: done(IsoMax), Function: EntropicLoss, Scores: []*Score{ES},
	})
	RegisterLoss(&Loss{
		Name: "isomaxplus", Title: "IsoMax+",
		Head: done(IsoMaxPlus), Function: EntropicLoss, Scores: []*Score{MDS},
	})
	RegisterLoss(&Loss{
		Name: "dismax", Title: "DisMax",
		Head: done(DisMax), Function: EntropicLoss, Scores: []*Score{MMLES, MPS},
	})
	RegisterLoss(DisMaxFPR(1))
	RegisterLoss(scaledCosine)
	RegisterLoss(godin(Cosine))
}

// done turns the builder of a head into a function of Loss.
func done(head func(*model.Scope, *Node, int) *Head) func(*model.Scope, *Node, int) *Node {
	return func(scope *model.Scope, features *Node, numClasses int) *Node {
		return head(scope, features, numClasses).Done()
	}
}

// RegisterLoss adds a loss of your own, so that the command line, the notebooks and the reports find it by its name.
// It panics if the loss is nil or lacks its Head or Function, or if its name is empty or taken.
func RegisterLoss(loss *Loss) {
	if loss == nil {
		Panicf("dismaxlib.RegisterLoss: the loss is nil")
	}
	if loss.Head == nil || loss.Function == nil {
		Panicf("dismaxlib.RegisterLoss: the loss %q lacks its Head or its Function", loss.Name)
	}
	losses.Register(loss.Name, loss)
}

// LossByName returns a registered loss, or one of a variant that its name ends with: "dismax-fpr:alpha=0.5" is
// [DisMaxFPR], "dismax-half:weight=1" [DisMaxHalf], and "godin:inner" or "godin:euclidean" [GODIN]. The error of an unknown name lists the known ones and wraps
// [ErrUnknown].
func LossByName(name string) (*Loss, error) {
	if loss, err := losses.ByName(name); err == nil {
		return loss, nil
	}
	return byVariant(name)
}

// LossNames returns the names of the registered losses, from SoftMax to DisMax with FPR, then those of other papers.
func LossNames() []string { return losses.Names() }
