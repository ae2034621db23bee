package dismaxlib_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// A GoMLX classifier of 4x4 images learns with DisMax and FPR: the lines marked are all that differs from a plain one.
func Example() {
	backend := goBackend()
	store := model.NewStore()
	store.SetParam("/initializer_seed", int64(1))
	loss, err := dismaxlib.LossByName("dismax-fpr")
	if err != nil {
		log.Fatal(err)
	}
	classifier := func(scope *model.Scope, images *Node) *Node {
		images = loss.Images(scope, images) // added
		features := Reshape(images, images.Shape().Dim(0), -1)
		features = activation.Relu(layers.Dense(scope.In("hidden"), features, true, 16))
		return loss.Head(scope, features, 2) // was: layers.Dense(scope, features, true, 2)
	}
	trainer := train.NewTrainer(backend, store, classifier,
		loss.Function, // was: loss.SparseCategoricalCrossEntropyLogits
		optimizer.Adam().LearningRate(0.01).Done(), nil, nil)

	var first, last float32
	for step := range 60 {
		metrics, err := trainer.TrainStep(stripes())
		if err != nil {
			log.Fatal(err)
		}
		last = tensors.ToScalar[float32](metrics[0])
		if step == 0 {
			first = last
		}
	}
	fmt.Println("the loss fell to less than a half:", last < first/2)
	// Output: the loss fell to less than a half: true
}

// stripes returns 8 images of horizontal (class 0) and vertical (class 1) stripes, in pairs.
func stripes() train.Batch {
	pixels, labels := make([]float32, 0, 8*4*4), make([]int32, 0, 8)
	for image := range 8 {
		class := image / 2 % 2
		for row := range 4 {
			for column := range 4 {
				line := row
				if class == 1 {
					line = column
				}
				pixels = append(pixels, float32((line+image)%2))
			}
		}
		labels = append(labels, int32(class))
	}
	return train.Batch{
		Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(pixels, 8, 4, 4, 1)},
		Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, 8, 1)},
	}
}

// The head without the name of a loss, as a layer among others.
func ExampleDisMax() {
	backend := goBackend()
	store := model.NewStore()
	logits := model.MustCallOnce(backend, store, func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.DisMax(scope, features, 10).Done()
	}, [][]float32{{0, 1, 2}, {2, 1, 0}})
	fmt.Println(logits.Shape())
	// Output: (Float32)[2, 10]
}

func ExampleSetTemperature() {
	backend := goBackend()
	store := model.NewStore()
	classify := model.MustNewExec(backend, store, func(scope *model.Scope, features *Node) *Node {
		ones := func(g *Graph, shape shapes.Shape) *Node { return Ones(g, shape) }
		return dismaxlib.IsoMax(scope, features, 1).Initializer(ones).Done()
	})
	features := [][]float32{{4, 5}} // at a distance of 5 from the prototype (1, 1)
	fmt.Println(classify.MustCall1(features))
	if err := dismaxlib.SetTemperature(store, 0.5); err != nil {
		log.Fatal(err)
	}
	fmt.Println(classify.MustCall1(features))
	// Output:
	// [1][1]float32{{-5}}
	// [1][1]float32{{-10}}
}

// The logits may be those of any model.
func ExampleScore_Compute() {
	logits := tensors.FromValue([][]float32{{4, 0, 0}, {1, 1, 1}})
	scores, err := dismaxlib.MMLES.Compute(goBackend(), dismaxlib.Outputs{Logits: logits}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", scores)
	// Output: [5.16 0.90]
}

func ExampleScorer() {
	scores := []*dismaxlib.Score{dismaxlib.MPS, dismaxlib.ES}
	scorer, err := dismaxlib.NewScorer(goBackend(), scores, nil, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer scorer.Finalize()
	logits := tensors.FromValue([][]float32{{4, 0, 0}, {1, 1, 1}}) // a clear and an undecided prediction
	values, err := scorer.Compute(dismaxlib.Outputs{Logits: logits})
	if err != nil {
		log.Fatal(err)
	}
	for i, score := range scores {
		fmt.Printf("%s %.2f\n", score.Name, values[i])
	}
	// Output:
	// MPS [0.96 0.33]
	// ES [-0.18 -1.10]
}

// Images 4 to 7 of a batch of 8, the second half, are mixed: the numbers say which image each pixel came from.
func ExampleMixQuadrants() {
	backend := goBackend()
	images := make([]float32, 8*2*2)
	for i := range images {
		images[i] = float32(i / 4)
	}
	mix := MustNewExec(backend, dismaxlib.MixQuadrants)
	mixed := mix.MustCall1(tensors.FromFlatDataAndDimensions(images, 8, 2, 2, 1))
	pixels := tensors.MustCopyFlatData[float32](mixed)
	for image := 3; image < 8; image++ {
		fmt.Printf("image %d: top %v bottom %v\n", image, pixels[4*image:4*image+2], pixels[4*image+2:4*image+4])
	}
	// Output:
	// image 3: top [3 3] bottom [3 3]
	// image 4: top [4 6] bottom [7 5]
	// image 5: top [5 7] bottom [4 6]
	// image 6: top [6 4] bottom [5 7]
	// image 7: top [7 5] bottom [6 4]
}

// goBackend opens the backend that is always there; dismaxlib/backend chooses the best one.
func goBackend() compute.Backend {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		log.Fatal(err)
	}
	return backend
}
