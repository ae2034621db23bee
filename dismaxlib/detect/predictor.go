package detect

import (
	"errors"
	"fmt"
	"math"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// largestBatch is how many images go through the network at once.
const largestBatch = 64

// predictor runs the network. It compiles one graph for each power of two of images, up to largestBatch, when it is
// first needed, and fills batches up with black images.
type predictor struct {
	exec    *model.Exec
	pixels  int // of an image
	height  int
	width   int
	classes int
}

// predictions are the outputs for some images.
type predictions struct {
	logits metrics.Logits // divided by the temperature
	scores []float64
}

// newPredictor compiles the network and lets it look at one image, which shows whether any weight is missing or has
// another shape: GoMLX would give a missing one its random initial value.
func newPredictor(backend compute.Backend, network Network, score *dismaxlib.Score, weights *model.Store) (
	*predictor, error) {

	known := make(map[string]bool)
	for variable := range weights.IterVariables() {
		known[variable.Path()] = true
	}
	exec, err := model.NewExec(backend, weights, func(scope *model.Scope, images *Node) (*Node, *Node) {
		logits := network.Logits(scope, images)
		return ConvertDType(logits, dtypes.Float64), score.Apply(dismaxlib.ScoreInputs{Logits: logits})
	})
	if err != nil {
		return nil, fmt.Errorf("building the network: %w", err)
	}
	p := &predictor{
		exec:   exec,
		pixels: network.pixels(), height: network.Height, width: network.Width, classes: network.Classes,
	}
	_, err = p.predict(make([]uint8, p.pixels))
	for variable := range weights.IterVariables() {
		if !known[variable.Path()] {
			return nil, fmt.Errorf("the weights lack %s: are they those of a trained %s with the head of %s?",
				variable.Path(), network.Model, network.Loss)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("trying the network: %w", err)
	}
	return p, nil
}

// predict passes all images through the network. It refuses pixels that are no whole number of images, and logits
// that are not finite.
func (p *predictor) predict(pixels []uint8) (*predictions, error) {
	if len(pixels) == 0 {
		return nil, errors.New("pixels is empty: want at least one image")
	}
	if len(pixels)%p.pixels != 0 {
		return nil, fmt.Errorf("pixels has %d bytes, which is not a whole number of images of %dx%dx3 = %d bytes",
			len(pixels), p.height, p.width, p.pixels)
	}
	all := &predictions{logits: metrics.Logits{Classes: p.classes}}
	for len(pixels) > 0 {
		images := min(len(pixels)/p.pixels, largestBatch)
		if err := p.predictBatch(pixels[:images*p.pixels], all); err != nil {
			return nil, err
		}
		pixels = pixels[images*p.pixels:]
	}
	for i, logit := range all.logits.Values {
		if math.IsNaN(logit) || math.IsInf(logit, 0) {
			return nil, fmt.Errorf("image %d has logit %g for class %d: the weights are not usable",
				i/p.classes, logit, i%p.classes)
		}
	}
	return all, nil
}

// predictBatch appends the outputs for at most largestBatch images.
func (p *predictor) predictBatch(pixels []uint8, all *predictions) error {
	images := len(pixels) / p.pixels
	batch := 1
	for batch < images {
		batch *= 2
	}
	filled := make([]uint8, batch*p.pixels)
	copy(filled, pixels)
	input := tensors.FromFlatDataAndDimensions(filled, batch, p.height, p.width, 3)
	outputs, err := p.exec.Exec(input)
	if err != nil {
		return fmt.Errorf("running the network: %w", err)
	}
	logits, logitsErr := tensors.CopyFlatData[float64](outputs[0])
	scores, scoresErr := tensors.CopyFlatData[float64](outputs[1])
	if err := errors.Join(logitsErr, scoresErr); err != nil {
		return fmt.Errorf("reading the outputs: %w", err)
	}
	all.logits.Values = append(all.logits.Values, logits[:images*p.classes]...)
	all.scores = append(all.scores, scores[:images]...)
	return errors.Join(input.FinalizeAll(), outputs[0].FinalizeAll(), outputs[1].FinalizeAll())
}
