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
// out-of-distribution set, with those scores of the loss that nothing is fitted for. Nothing is chosen by it.
func (e *run) diagnose(ctx context.Context, epoch *training.Epoch) error {
	if e.spec.DiagnosticImages == 0 {
		return nil
	}
	diagnostic, err := e.measureDiagnostic(ctx)
	if err != nil {
		return fmt.Errorf("diagnosing: %w", err)
	}
	content, err := json.Marshal(diagnostic)
	epoch.Attached = string(content)
	return err
}

func (e *run) measureDiagnostic(ctx context.Context) (*record.Diagnostic, error) {
	scores := slices.DeleteFunc(slices.Clone(e.network.Loss.Scores), func(s *dismaxlib.Score) bool { return s.Fit != nil })
	scorer, err := network.NewScorer(e.options.Backend, scores, nil, e.network, e.store)
	if err != nil {
		return nil, err
	}
	defer scorer.Finalize()
	test := spread(e.images.Test, e.spec.DiagnosticImages)
	outputs, err := e.pass(ctx, test)
	if err != nil {
		return nil, err
	}
	logits, err := network.LogitsOf(outputs.Logits)
	if err != nil {
		return nil, err
	}
	diagnostic := &record.Diagnostic{Images: test.Len()}
	if diagnostic.Accuracy, err = metrics.Accuracy(logits, test.Labels); err != nil {
		return nil, err
	}
	in, err := scorer.Compute(outputs)
	if err != nil {
		return nil, err
	}
	for _, set := range e.images.out {
		outputs, err := e.pass(ctx, spread(set.Test, e.spec.DiagnosticImages))
		if err != nil {
			return nil, err
		}
		out, err := scorer.Compute(outputs)
		if err != nil {
			return nil, err
		}
		for i, score := range scores {
			detection, err := metrics.Detect(in[i], out[i], metrics.PaperConvention)
			if err != nil {
				return nil, err
			}
			diagnostic.Detections = append(diagnostic.Detections,
				record.DiagnosticDetection{Set: set.Name, Score: score.Name, AUROC: detection.AUROC})
		}
	}
	return diagnostic, nil
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
