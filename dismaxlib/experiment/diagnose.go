package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

// diagnose measures after an epoch, if the spec says so, how the network does on some of the test images and of each
// out-of-distribution set, with those scores of the loss that need neither a fit nor images. Nothing is chosen by it, and
// training goes on where it fails, as on logits that are not finite.
func (e *run) diagnose(ctx context.Context, epoch *training.Epoch) error {
	if e.spec.DiagnosticImages == 0 {
		return nil
	}
	diagnostic, err := e.measureDiagnostic(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		e.log("no diagnostic of epoch %d: %v", epoch.Number, err)
		return nil
	}
	content, err := json.Marshal(diagnostic)
	if err != nil {
		return fmt.Errorf("keeping the diagnostic: %w", err)
	}
	epoch.Attached = string(content)
	return nil
}

// newDiagnosis chooses the scores, and compiles them once for all epochs.
func (e *run) newDiagnosis() error {
	if e.spec.DiagnosticImages == 0 {
		return nil
	}
	e.diagnosed = slices.DeleteFunc(slices.Clone(e.network.Loss.Scores), func(s *dismaxlib.Score) bool {
		return s.Fit != nil || s.Needs.Has(dismaxlib.NeedsImages)
	})
	var err error
	e.diagnosis, err = network.NewScorer(e.options.Backend, e.diagnosed, nil, e.network, e.store)
	return err
}

func (e *run) measureDiagnostic(ctx context.Context) (*record.Diagnostic, error) {
	convention, err := metrics.ConventionByName(e.spec.Convention)
	if err != nil {
		return nil, err
	}
	test := spread(e.images.Test, e.spec.DiagnosticImages)
	logits, in, err := e.diagnosticScores(ctx, test)
	if err != nil {
		return nil, err
	}
	diagnostic := &record.Diagnostic{Images: test.Len()}
	if diagnostic.Accuracy, err = metrics.Accuracy(logits, test.Labels); err != nil {
		return nil, err
	}
	for _, set := range e.images.out {
		_, out, err := e.diagnosticScores(ctx, spread(set.Test, e.spec.DiagnosticImages))
		if err != nil {
			return nil, err
		}
		for i, score := range e.diagnosed {
			detection, err := metrics.Detect(in[i], out[i], convention)
			if err != nil {
				return nil, err
			}
			diagnostic.Detections = append(diagnostic.Detections,
				record.DiagnosticDetection{Set: set.Name, Score: score.Name, AUROC: detection.AUROC})
		}
	}
	return diagnostic, nil
}

// diagnosticScores passes images through the network as it is.
func (e *run) diagnosticScores(ctx context.Context, images *datasets.Images) (metrics.Logits, [][]float64, error) {
	outputs, err := e.pass(ctx, images)
	if err != nil {
		return metrics.Logits{}, nil, err
	}
	scores, err := e.diagnosis.Compute(outputs)
	if err != nil {
		return metrics.Logits{}, nil, err
	}
	logits, err := network.LogitsOf(outputs.Logits)
	return logits, scores, err
}

// spread are at most so many of the images, from all over the set, which may be in the order of its classes.
func spread(images *datasets.Images, count int) *datasets.Images {
	if count >= images.Len() {
		return images
	}
	indices := make([]int, count)
	for i := range indices {
		indices[i] = i * images.Len() / count
	}
	return images.Select(indices)
}

// diagnosticOf is what was measured after the epoch; nil if nothing was.
func diagnosticOf(epoch training.Epoch) (*record.Diagnostic, error) {
	if epoch.Attached == "" {
		return nil, nil
	}
	diagnostic := &record.Diagnostic{}
	if err := json.Unmarshal([]byte(epoch.Attached), diagnostic); err != nil {
		return nil, fmt.Errorf("the checkpoint's epoch %d: %w", epoch.Number, err)
	}
	return diagnostic, nil
}
