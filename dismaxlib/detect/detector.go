package detect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// DefaultRefused is the share of in-distribution inputs that a detector may refuse unless its rule says otherwise.
const DefaultRefused = 0.05

// Detector classifies inputs and refuses those that are out-of-distribution. It is finished: [New] makes one,
// [Detector.Save] puts all of it into one file, and [Load] brings it back. Nothing changes its answers;
// [Detector.Measure] adds what they are worth. It is safe for concurrent use; calls run one at a time.
//
// The score is taken from raw logits, as in results records: the temperature divides the logits for the probabilities
// alone, and no threshold depends on it.
type Detector struct {
	parts     Parts
	threshold Threshold

	mu       sync.Mutex // of what follows
	forward  *network.Forward
	scorer   *network.Scorer
	measured []Measured
}

// Parts are what a detector is made of.
type Parts struct {
	// Network and Weights turn images into logits. The weights are copied; those of optimizers and metrics are left
	// out. Both are nil for a detector of outputs, of a model that this library need not know: see
	// [Detector.DetectOutputs].
	Network *network.Network
	Weights *model.Store

	// ClassNames has one name for each class. It may be left out where there is a network, whose names count.
	ClassNames []string

	// Score decides. loss.Scores[0] is the paper's choice. Fitted is its state, if it is a score that is fitted on
	// training outputs.
	Score  *dismaxlib.Score
	Fitted dismaxlib.Fitted

	// Temperature divides the logits for the probabilities: that of package calibrate. 0 stands for 1.
	Temperature float64

	// About says in a line where the detector comes from, for those who meet its file. It may be empty.
	About string
}

// Answer is what a detector says about one input.
type Answer struct {
	Class         int       // the most probable class
	ClassName     string    // its name
	Probability   float64   // of Class
	Probabilities []float64 // of all classes: softmax(logits / temperature)
	Score         float64   // the larger, the more in-distribution
	In            bool      // whether Score reaches the threshold; if not, do not trust Class
}

// New returns a finished detector. Its threshold is fitted by the rule, nil for [Conformal] with [DefaultRefused], on
// what the network answers on held-out images: in-distribution ones that it was not trained on, and on which nothing
// was chosen that changes its raw logits. [network.Network.Forward] passes images through the network.
//
// The temperature that dismaxlib.SetTemperature stores in the weights must be 1; that of the probabilities is
// [Parts.Temperature].
//
// A threshold that would refuse nothing is an error, since such a detector detects nothing.
func New(backend compute.Backend, parts Parts, heldOut *network.Outputs, rule Rule) (*Detector, error) {
	if backend == nil {
		return nil, errors.New("detect: there is no backend to compute with: open one by backend.Open")
	}
	if rule == nil {
		rule = Conformal(DefaultRefused)
	}
	if heldOut == nil || heldOut.Logits == nil {
		return nil, errors.New("detect: a threshold is fitted on outputs of held-out inputs, and there are none")
	}
	parts, err := parts.ready()
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	d, err := newDetector(backend, parts)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	scores, err := d.scorer.Compute(heldOut)
	if err != nil {
		return nil, fmt.Errorf("detect: fitting the threshold: %w", err)
	}
	if d.threshold, err = rule(scores[0]); err != nil {
		return nil, err
	}
	if value := d.threshold.Value; math.IsNaN(value) || math.IsInf(value, 0) {
		return nil, fmt.Errorf("detect: the threshold (%s) is %g and separates nothing: "+
			"hold out more inputs, or choose a rule that may refuse more", d.threshold.Rule, value)
	}
	return d, nil
}

// ready checks the parts, whose logits must be raw, and returns them with a copy of the weights.
func (p Parts) ready() (Parts, error) {
	if p.Score == nil || p.Score.Graph == nil {
		return p, errors.New("there is no score: choose one by dismaxlib.ScoreByName, or that of a loss")
	}
	if p.Temperature == 0 {
		p.Temperature = 1
	}
	if !(p.Temperature > 0) || math.IsInf(p.Temperature, 1) {
		return p, fmt.Errorf("the temperature is %g, want a positive, finite number", p.Temperature)
	}
	if p.Network == nil {
		if len(p.ClassNames) == 0 {
			return p, errors.New("there are no class names: a detector without a network needs one for each class")
		}
		if p.Score.Needs.Has(dismaxlib.NeedsImages) || p.Score.Needs.Has(dismaxlib.NeedsHead) {
			return p, fmt.Errorf("score %s needs a network, and there is none", p.Score.Name)
		}
		return p, nil
	}
	if err := p.Network.Check(); err != nil {
		return p, err
	}
	p.ClassNames = p.Network.ClassNames
	weights, err := network.Weights(p.Weights)
	if err != nil {
		return p, err
	}
	if err := network.CheckFinite(weights); err != nil {
		return p, err
	}
	p.Weights = weights
	if _, err := dismaxlib.Temperature(weights); err != nil { // there is no head
		return p, err
	}
	if err := network.CheckRaw(weights); err != nil {
		return p, fmt.Errorf("%w, Predict the held-out images again, and give the temperature as Parts.Temperature", err)
	}
	return p, nil
}

// newDetector compiles ready parts, and lets the network look at one image, which shows whether its weights fit.
func newDetector(backend compute.Backend, parts Parts) (*Detector, error) {
	d := &Detector{parts: parts}
	scores, fitted := []*dismaxlib.Score{parts.Score}, map[string]dismaxlib.Fitted{parts.Score.Name: parts.Fitted}
	var err error
	if d.scorer, err = network.NewScorer(backend, scores, fitted, parts.Network, parts.Weights); err != nil {
		return nil, err
	}
	if parts.Network == nil {
		return d, nil
	}
	if d.forward, err = parts.Network.Forward(backend, parts.Weights, scores, fitted); err != nil {
		return nil, err
	}
	if _, err := d.pass(context.Background(), make([]uint8, parts.Network.PixelBytes())); err != nil {
		return nil, fmt.Errorf("trying the network: %w", err)
	}
	return d, nil
}

// Network returns the network, or nil for a detector of outputs. It must not be changed.
func (d *Detector) Network() *network.Network { return d.parts.Network }

// ClassNames returns the names of the classes.
func (d *Detector) ClassNames() []string { return slices.Clone(d.parts.ClassNames) }

// Score returns the score that decides.
func (d *Detector) Score() *dismaxlib.Score { return d.parts.Score }

// Temperature returns the temperature of the probabilities.
func (d *Detector) Temperature() float64 { return d.parts.Temperature }

// Threshold returns the threshold on the score.
func (d *Detector) Threshold() Threshold { return d.threshold }

// About returns the line that says where the detector comes from.
func (d *Detector) About() string { return d.parts.About }

// WeightsSHA256 identifies the weights, as network.Checksum does and the record of a run. It is "" where there is no
// network.
func (d *Detector) WeightsSHA256() (string, error) {
	if d.parts.Network == nil {
		return "", nil
	}
	return network.Checksum(d.parts.Weights)
}

// Detect answers for each image, in order. Pixels are uint8 of 0 to 255: any number of images one after the other,
// each [Height, Width, Channels] of the network.
func (d *Detector) Detect(ctx context.Context, pixels []uint8) ([]Answer, error) {
	if d.parts.Network == nil {
		return nil, errors.New("detect: this detector has no network and takes no images: call DetectOutputs")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	outputs, err := d.pass(ctx, pixels)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return d.answer(outputs)
}

// DetectOutputs answers for each row of raw logits [inputs, classes], and features [inputs, features] if the score
// needs them: those of the detector's network, or of any model that a detector without one was made for.
func (d *Detector) DetectOutputs(outputs *network.Outputs) ([]Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.answer(outputs)
}

func (d *Detector) pass(ctx context.Context, pixels []uint8) (*network.Outputs, error) {
	n := d.parts.Network
	return network.RunFlat(ctx, d.forward, pixels, n.Height, n.Width, n.Channels())
}

// answer needs the lock.
func (d *Detector) answer(outputs *network.Outputs) ([]Answer, error) {
	if outputs == nil {
		return nil, errors.New("detect: there are no outputs")
	}
	logits, err := network.LogitsOf(outputs.Logits)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	if logits.Classes != len(d.parts.ClassNames) {
		return nil, fmt.Errorf("detect: there are logits of %d classes, and the detector has %d",
			logits.Classes, len(d.parts.ClassNames))
	}
	scores, err := d.scorer.Compute(outputs)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	calibrated := logits.At(d.parts.Temperature)
	answers := make([]Answer, logits.Rows())
	for i, score := range scores[0] {
		class, probabilities := logits.Class(i), calibrated.Probabilities(i)
		answers[i] = Answer{
			Class: class, ClassName: d.parts.ClassNames[class],
			Probability: probabilities[class], Probabilities: probabilities,
			Score: score, In: d.threshold.In(score),
		}
	}
	return answers, nil
}
