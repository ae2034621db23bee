package testkit

import (
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// MeanFeature returns a score with a state: minus the squared distance of the features to their mean over the training
// images. Nothing registers it.
func MeanFeature() *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "mean-feature", Title: "nearness to the mean feature", Parameters: map[string]float64{"power": 2},
		Needs: dismaxlib.NeedsFeatures,
		Fit: func(training dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			features, err := tensors.CopyFlatData[float32](training.Features)
			if err != nil {
				return nil, err
			}
			mean := make([]float32, training.Features.Shape().Dim(1))
			for i, value := range features {
				mean[i%len(mean)] += value / float32(len(features)/len(mean))
			}
			return dismaxlib.Fitted{"mean": tensors.FromValue(mean)}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *graph.Node {
			differences := graph.Sub(in.Features, graph.ExpandAxes(in.Fitted["mean"], 0))
			return graph.Neg(graph.ReduceSum(graph.Square(differences), -1))
		},
	}
}
