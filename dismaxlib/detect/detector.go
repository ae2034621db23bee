package detect

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

var (
	// ErrNoThreshold is returned by a detector whose threshold was never fitted.
	ErrNoThreshold = errors.New("the detector has no threshold: call FitThreshold")

	// ErrStaleThreshold is returned by a detector whose temperature was changed after its threshold was fitted. Scores
	// depend on the temperature, so the old threshold would refuse another share of inputs than it promised.
	ErrStaleThreshold = errors.New("the detector's threshold is stale, the temperature was changed: call FitThreshold")
)

// Detector classifies images and refuses those that are out-of-distribution. It holds all it needs: preprocessing,
// network, weights, temperature, score and threshold, and [Detector.Save] puts them into one file.
//
// Make one with [New], then call [Detector.FitTemperature], then [Detector.FitThreshold], each on held-out
// in-distribution images; or [Load] a finished one. It is safe for concurrent use; calls run one at a time.
//
// Images are given as pixels, uint8 of 0 to 255: any number of images one after the other, each
// [Height, Width, 3 colours].
type Detector struct {
	mu        sync.Mutex
	network   Network
	score     *dismaxlib.Score
	store     *model.Store
	predictor *predictor

	threshold *fitted // nil until it is fitted
}

// fitted is a threshold and the temperature it is valid for.
type fitted struct {
	Threshold
	temperature float64
}

// Answer is what a detector says about one image.
type Answer struct {
	Class       int     // the most probable class
	ClassName   string  // "" if the network has no class names
	Probability float64 // of Class, from the calibrated softmax
	Score       float64 // the larger, the more in-distribution
	In          bool    // whether Score reaches the threshold; if not, do not trust Class
}

// New returns a detector with a copy of the weights that the store holds: those of the backbone in the scope
// "backbone" and those of the head in the scope "head", with its temperature. The score is one of
// dismaxlib.ScoreNames; loss.Scores[0] is the paper's choice.
//
// A GoMLX checkpoint must be in the store before, not be loaded when it is needed: checkpoint.Load(store).Dir(folder).
// Immediate().Done(). The detector has no threshold yet.
func New(backend compute.Backend, network Network, scoreName string, store *model.Store) (*Detector, error) {
	weights := model.NewStore()
	for variable := range store.IterVariables() {
		if !isWeight(variable.Path()) {
			continue
		}
		value, err := variable.Value()
		if err == nil {
			value, err = value.LocalClone()
		}
		if err == nil {
			_, err = weights.CreateVariable(variable.Path(), value)
		}
		if err != nil {
			return nil, fmt.Errorf("detect: copying weight %s: %w", variable.Path(), err)
		}
	}
	return newDetector(backend, network, scoreName, weights)
}

// isWeight tells the network's variables from those of optimizers, metrics and counters.
func isWeight(path string) bool {
	return strings.HasPrefix(path, "/"+BackboneScope+"/") || strings.HasPrefix(path, "/"+dismaxlib.HeadScope+"/")
}

// newDetector takes over the weights, and makes sure that they are all that the network needs.
func newDetector(backend compute.Backend, network Network, scoreName string, weights *model.Store) (*Detector, error) {
	if err := network.check(); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	score, err := dismaxlib.ScoreByName(scoreName)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	for variable := range weights.IterVariables() {
		if err := checkFinite(variable); err != nil {
			return nil, fmt.Errorf("detect: weight %s: %w", variable.Path(), err)
		}
	}
	d := &Detector{network: network, score: score, store: weights}
	if d.predictor, err = newPredictor(backend, network, score, weights); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return d, nil
}

// checkFinite refuses the weights of a training that went astray.
func checkFinite(variable *model.Variable) error {
	value, err := variable.Value()
	if err != nil {
		return err
	}
	bad := -1
	err = value.ConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float32:
			bad = slices.IndexFunc(flat, func(x float32) bool { return x-x != 0 })
		case []float64:
			bad = slices.IndexFunc(flat, func(x float64) bool { return x-x != 0 })
		}
	})
	if err == nil && bad >= 0 {
		err = fmt.Errorf("entry %d is NaN or infinite", bad)
	}
	return err
}

// Network returns what the detector computes but for the weights.
func (d *Detector) Network() Network { return d.network }

// ScoreName returns the name of the detector's score.
func (d *Detector) ScoreName() string { return d.score.Name }

// Temperature returns the temperature that divides the logits.
func (d *Detector) Temperature() (float64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return dismaxlib.Temperature(d.store)
}

// SetTemperature sets the temperature that divides the logits. A threshold that was fitted at another temperature
// becomes stale: [Detector.Detect] and [Detector.Save] return [ErrStaleThreshold] until it is fitted again.
func (d *Detector) SetTemperature(temperature float64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return dismaxlib.SetTemperature(d.store, temperature)
}

// FitTemperature fits the temperature on the images and sets it. The labels are those of the images, and fit is
// calibrate.ByNLL, or calibrate.ByECE with a number of bins. An earlier temperature does not matter.
func (d *Detector) FitTemperature(pixels []uint8, labels []int32,
	fit func(metrics.Logits, []int32) (calibrate.Result, error)) (calibrate.Result, error) {

	d.mu.Lock()
	defer d.mu.Unlock()
	before, err := dismaxlib.Temperature(d.store)
	if err != nil {
		return calibrate.Result{}, err
	}
	if err := dismaxlib.SetTemperature(d.store, 1); err != nil {
		return calibrate.Result{}, err
	}
	predictions, err := d.predictor.predict(pixels)
	var result calibrate.Result
	if err == nil {
		result, err = fit(predictions.logits, labels)
	}
	after := result.Temperature
	if err != nil {
		after, err = before, fmt.Errorf("detect: fitting the temperature: %w", err)
	}
	return result, errors.Join(err, dismaxlib.SetTemperature(d.store, after))
}

// FitThreshold fits the threshold on the scores of in-distribution images, at the temperature of now. Choose the
// temperature first, and use images that the model was not trained on: [Conformal] promises nothing otherwise.
func (d *Detector) FitThreshold(pixels []uint8, rule Rule) (Threshold, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	temperature, err := dismaxlib.Temperature(d.store)
	if err != nil {
		return Threshold{}, err
	}
	predictions, err := d.predictor.predict(pixels)
	if err != nil {
		return Threshold{}, fmt.Errorf("detect: fitting the threshold: %w", err)
	}
	threshold, err := rule(predictions.scores)
	if err != nil {
		return Threshold{}, err
	}
	if math.IsNaN(threshold.Value) {
		return Threshold{}, errors.New("detect: the rule returned NaN as the threshold")
	}
	d.threshold = &fitted{threshold, temperature}
	return threshold, nil
}

// Threshold returns the threshold, or [ErrNoThreshold] or [ErrStaleThreshold].
func (d *Detector) Threshold() (Threshold, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.validThreshold()
}

// validThreshold needs the lock.
func (d *Detector) validThreshold() (Threshold, error) {
	if d.threshold == nil {
		return Threshold{}, ErrNoThreshold
	}
	temperature, err := dismaxlib.Temperature(d.store)
	if err != nil {
		return Threshold{}, err
	}
	if temperature != d.threshold.temperature {
		return Threshold{}, fmt.Errorf("%w (fitted at temperature %g, now %g)",
			ErrStaleThreshold, d.threshold.temperature, temperature)
	}
	return d.threshold.Threshold, nil
}

// Detect answers for each image, in order.
func (d *Detector) Detect(pixels []uint8) ([]Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	threshold, err := d.validThreshold()
	if err != nil {
		return nil, err
	}
	predictions, err := d.predictor.predict(pixels)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	answers := make([]Answer, len(predictions.scores))
	for i, score := range predictions.scores {
		class, probability := mostProbable(predictions.logits.Row(i))
		answers[i] = Answer{Class: class, Probability: probability, Score: score, In: threshold.In(score)}
		if len(d.network.ClassNames) > 0 {
			answers[i].ClassName = d.network.ClassNames[class]
		}
	}
	return answers, nil
}

// mostProbable returns the class of the largest logit and its softmax probability.
func mostProbable(logits []float64) (class int, probability float64) {
	for j, logit := range logits {
		if logit > logits[class] {
			class = j
		}
	}
	sum := 0.0
	for _, logit := range logits {
		sum += math.Exp(logit - logits[class])
	}
	return class, 1 / sum
}
