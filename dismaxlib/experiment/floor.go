package experiment

import (
	"context"
	"fmt"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// floor names what tells two sets of images apart without a network: an image that needs fewer bytes as a JPEG counts as
// more in-distribution. That size says more of a set than one thinks, as Serrà et al. 2020 (arXiv 1909.11480) saw with
// lossless compression. The sign is fixed for all sets, so an AUROC below 1/2 says that the unknown images are the
// plainer ones. A network's score that is not above the floor need not have seen what an image shows.
var floor = &dismaxlib.Score{Name: "JPEG size", Title: "no network: minus the bytes of the image as a JPEG of quality 75"}

// floorScores are the floor of each image.
func floorScores(ctx context.Context, images *datasets.Images) ([]float64, error) {
	scores, err := images.CompressedSizes(ctx)
	if err != nil {
		return nil, fmt.Errorf("compressing images: %w", err)
	}
	for i := range scores {
		scores[i] = -scores[i]
	}
	return scores, nil
}

// floorRecord is how well the floor of the test images separates them from a set.
func floorRecord(ctx context.Context, in []float64, set *datasets.Dataset, convention metrics.Convention) (*record.Detection, error) {
	out, err := floorScores(ctx, set.Test)
	if err != nil {
		return nil, err
	}
	detection, err := detectionRecord(floor, in, out, convention)
	return &detection, err
}
