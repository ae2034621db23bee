package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/internal/registry"
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

	Data    string  `placeholder:"PATH" help:"Folder or file that holds the run's images. Default: $$DISMAX_DATA, then the cache."`
	Score   string  `placeholder:"NAME" help:"Score of the detector (see dismax models). Default: the paper's for the run's loss."`
	Refused float64 `default:"0.05" placeholder:"SHARE" help:"Share of in-distribution images that the detector may refuse. Default: ${default}."`
	Backend string  `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND. Default: $$GOMLX_BACKEND, then the best that is here."`
}

// Run writes the file.
func (c *exportCommand) Run(t terminal) error {
	if err := checkPath("run", c.Folder); err != nil {
		return err
	}
	if err := checkPath("--data", c.Data); err != nil {
		return err
	}
	switch filepath.Ext(c.File) {
	case detectorSuffix:
		return c.exportDetector(t)
	case weightsSuffix:
		return c.exportWeights(t)
	}
	return usageError{fmt.Errorf("%s: name a file that ends in %s or %s", c.File, detectorSuffix, weightsSuffix)}
}

func (c *exportCommand) exportDetector(t terminal) error {
	if !(c.Refused > 0 && c.Refused < 1) {
		return usageError{fmt.Errorf("--refused %g: name a share between 0 and 1", c.Refused)}
	}
	device, _, err := openBackend(c.Backend, nil)
	if err != nil {
		return usageError{err}
	}
	defer device.Finalize()
	detector, err := experiment.Detector(c.Folder, experiment.DetectorOptions{
		Backend: device, Data: c.Data, Score: c.Score, Rule: detect.Conformal(c.Refused),
	})
	switch {
	case errors.Is(err, datasets.ErrNotFound):
		return usageError{fmt.Errorf("%w; --data names the images that the run had", err)}
	case errors.Is(err, registry.ErrUnknown):
		return usageError{err}
	case err != nil:
		return err
	}
	temperature, err := detector.Temperature()
	if err != nil {
		return err
	}
	threshold, err := detector.Threshold()
	if err != nil {
		return err
	}
	if err := detector.Save(c.File); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "temperature %.4g; threshold %.4g on %s (%s)\ntry it: dismax detect %s IMAGE...\n",
		temperature, threshold.Value, detector.ScoreName(), threshold.Rule, c.File)
	return nil
}

func (c *exportCommand) exportWeights(t terminal) error {
	weights, err := experiment.Weights(c.Folder)
	if err != nil {
		return err
	}
	state, err := statedict.Of(weights)
	if err != nil {
		return err
	}
	if err := state.Write(c.File); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d tensors, by the names that the published networks have in PyTorch\n", len(state))
	return nil
}
