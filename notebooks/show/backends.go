package show

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"text/tabwriter"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// Backends runs the network that a finished run left in the folder on every backend that is here, and prints a table:
// how far its logits of the test images are from those that the run kept, and how long it takes for the first batch, for
// which it is compiled, and for all images after that.
func Backends(folder string) { Check(writeBackends(context.Background(), os.Stdout, folder)) }

func writeBackends(ctx context.Context, w io.Writer, folder string) error {
	f, err := readFinished(ctx, folder)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s; logits of up to %.3g, computed on %s\n\n",
		text.Count(f.images.Len(), "test image"), f.largest(), f.record.Backend.Name)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "backend\tlargest difference\tfirst batch\tall images")
	var problems bytes.Buffer
	for _, finding := range backend.Found() {
		if !finding.Usable {
			continue
		}
		answer, err := f.on(ctx, finding.Config)
		if err != nil {
			fmt.Fprintf(&problems, "\n%s: %v\n", finding.Config, err)
			continue
		}
		fmt.Fprintf(table, "%s\t%.1e\t%.2f s\t%.2f s\n",
			finding.Config, answer.difference, answer.first.Seconds(), answer.all.Seconds())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = problems.WriteTo(w)
	return err
}

// finishedRun is what a run left, and the images that it was tested on.
type finishedRun struct {
	folder string
	record *record.Record
	images *datasets.Images
	logits metrics.Logits // of the images
}

func readFinished(ctx context.Context, folder string) (*finishedRun, error) {
	r, err := record.Read(folder)
	if err != nil {
		return nil, err
	}
	set, err := datasets.Open(ctx, r.Spec.Dataset, datasets.Options{
		TrainLimit: r.Spec.TrainLimit, TestLimit: r.Spec.TestLimit, Seed: r.Spec.Seed, Size: r.Model.Height,
		HoldOutClasses: r.Spec.HoldOutClasses,
	})
	if err != nil {
		return nil, err
	}
	if set.Test.SHA256() != r.Data.Test.SHA256 {
		return nil, fmt.Errorf("the test images of %s that are here are not those of the run in %s", set.Name, folder)
	}
	logits, _, err := experiment.LoadLogits(folder, "test")
	return &finishedRun{folder, r, set.Test, logits}, err
}

// largest returns the largest absolute logit.
func (f *finishedRun) largest() float64 {
	largest := 0.0
	for _, logit := range f.logits.Values {
		largest = max(largest, math.Abs(logit))
	}
	return largest
}

// onBackend is what a backend made of the images.
type onBackend struct {
	difference float64       // the largest, of a logit from the run's
	first      time.Duration // of the first batch, which compiles the network
	all        time.Duration // of all images after that
}

// on passes the images through the network on one backend.
func (f *finishedRun) on(ctx context.Context, config string) (answer onBackend, err error) {
	compute, _, err := backend.Open(config)
	if err != nil {
		return answer, err
	}
	defer compute.Finalize()
	weights, weightsErr := experiment.Weights(f.folder)
	n, err := experiment.Network(f.record)
	if err := errors.Join(weightsErr, err); err != nil {
		return answer, err
	}
	forward, err := n.Forward(compute, weights, nil, nil)
	if err != nil {
		return answer, err
	}
	defer forward.Finalize()
	pass := func(images int) (outputs *network.Outputs, took time.Duration, err error) {
		start := time.Now()
		pixels := f.images.Pixels[:images*n.PixelBytes()]
		outputs, err = network.RunFlat(ctx, forward, pixels, n.Height, n.Width, n.Channels())
		return outputs, time.Since(start), err
	}
	if _, answer.first, err = pass(min(network.LargestBatch, f.images.Len())); err != nil {
		return answer, err
	}
	outputs, took, err := pass(f.images.Len())
	if err != nil {
		return answer, err
	}
	answer.all = took
	logits, err := network.LogitsOf(outputs.Logits)
	for i, logit := range logits.Values {
		answer.difference = max(answer.difference, math.Abs(logit-f.logits.Values[i]))
	}
	return answer, err
}
