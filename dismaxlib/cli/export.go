package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/models/statedict"
)

// The kinds of file that a run is exported to, by the ending of the file's name.
const (
	detectorSuffix = ".dismax"
	weightsSuffix  = ".safetensors"
)

// exportCommand is "dismax export".
type exportCommand struct {
	Folder string `arg:"" name:"run" help:"Folder of a finished run."`
	File   string `arg:"" help:"File to write: NAME.dismax for a detector, NAME.safetensors for the weights as PyTorch reads them."`

	Score   string  `placeholder:"NAME" help:"Score of the detector (see dismax models). Default: the paper's for the run's loss."`
	Refused float64 `default:"0.05" placeholder:"SHARE" help:"Share of in-distribution images that the detector may refuse. Default: ${default}."`
	Backend string  `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND. Default: $$GOMLX_BACKEND, then the best that is here."`
}

// Run writes the file.
func (c *exportCommand) Run(ctx context.Context, t terminal) error {
	if err := checkPath("run", c.Folder); err != nil {
		return err
	}
	switch filepath.Ext(c.File) {
	case detectorSuffix:
		return c.exportDetector(ctx, t)
	case weightsSuffix:
		return c.exportWeights(ctx, t)
	}
	return usageError{fmt.Errorf("%s: name a file that ends in %s or %s", c.File, detectorSuffix, weightsSuffix)}
}

func (c *exportCommand) exportDetector(ctx context.Context, t terminal) error {
	if !(c.Refused > 0 && c.Refused < 1) {
		return usageError{fmt.Errorf("--refused %g: name a share between 0 and 1", c.Refused)}
	}
	if err := c.checkPromise(); err != nil {
		return err
	}
	options := experiment.DetectorOptions{Rule: detect.Conformal(c.Refused)}
	var err error
	if c.Score != "" {
		if options.Score, err = dismaxlib.ScoreByName(c.Score); err != nil {
			return usageError{err}
		}
	}
	if options.Backend, _, err = openBackend(c.Backend, nil); err != nil {
		return usageError{err}
	}
	defer options.Backend.Finalize()
	detector, err := promptly(ctx, func() (*detect.Detector, error) { return experiment.Detector(c.Folder, options) })
	if errors.Is(err, dismaxlib.ErrUnknown) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if err := detector.Save(c.File); err != nil {
		return err
	}
	t.line(fmt.Sprintf("temperature %.4g; threshold %.4g on %s (%s)",
		detector.Temperature(), detector.Threshold().Value, detector.Score().Name, detector.Threshold().Rule))
	for _, measured := range detector.Measured() {
		t.line(measured.String())
	}
	fmt.Fprintf(t.err, "try it: dismax detect %s IMAGE...\n", c.File)
	return nil
}

// checkPromise refuses a share that so few held-out images cannot promise: the threshold would refuse nothing.
func (c *exportCommand) checkPromise() error {
	r, err := record.Read(c.Folder)
	if err != nil || r.OutputsOnly || r.Data.Validation.Images == 0 {
		return nil // which making the detector explains
	}
	held, fewest := r.Data.Validation.Images, detect.FewestScores(c.Refused)
	if held >= fewest {
		return nil
	}
	return fmt.Errorf("the run held out %s, too few for a threshold that refuses at most %g%% of known images: it would "+
		"refuse nothing; that takes %d (train with a larger --validation-share, or more images), or --refused %.2g",
		text.Count(held, "image"), 100*c.Refused, fewest, math.Ceil(100/float64(held+1))/100)
}

func (c *exportCommand) exportWeights(ctx context.Context, t terminal) error {
	state, err := promptly(ctx, func() (statedict.State, error) {
		weights, err := experiment.Weights(c.Folder)
		if err != nil {
			return nil, err
		}
		return statedict.Of(weights)
	})
	if err != nil {
		return err
	}
	if err := state.Write(c.File); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d tensors, by the names that the published networks have in PyTorch\n", len(state))
	return nil
}
