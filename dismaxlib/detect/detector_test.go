package detect_test

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

const classes, side = 3, 4

func init() {
	models.Register(&models.Model{
		Name: "one-layer", Title: "one layer", ImageSize: side, Features: 8,
		Backbone: func(scope *model.Scope, images *graph.Node) *graph.Node {
			flat := graph.Reshape(images, images.Shape().Dim(0), -1)
			return graph.Tanh(layers.Dense(scope, flat, true, 8))
		},
	})
}

func newNetwork(t testing.TB, lossName string) *network.Network {
	t.Helper()
	n, err := network.Description{
		Model: "one-layer", Loss: lossName, ClassNames: []string{"cat", "dog", "owl"}, Height: side, Width: side,
		Mean: []float32{0.5, 0.4, 0.3}, Std: []float32{0.2, 0.3, 0.4},
	}.Network()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// weights returns the weights of a network that was initialized and not trained, next to an optimizer's variable.
func weights(t testing.TB, n *network.Network) *model.Store {
	t.Helper()
	store, err := initialized(testkit.Backend(t), n)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func initialized(backend compute.Backend, n *network.Network) (*model.Store, error) {
	store := model.NewStore()
	store.RootScope().SetParam("initializer_seed", int64(7))
	exec, err := model.NewExec(backend, store, n.Logits)
	if err == nil {
		_, err = exec.Exec(tensors.FromFlatDataAndDimensions(images(1), 1, side, side, 3))
	}
	if err == nil {
		_, err = store.CreateVariable("/optimizers/velocity", tensors.FromScalar(float32(1)))
	}
	return store, err
}

// images returns random pixels.
func images(n int) []uint8 {
	random := rand.New(rand.NewPCG(uint64(n), 0))
	pixels := make([]uint8, n*side*side*3)
	for i := range pixels {
		pixels[i] = uint8(random.IntN(256))
	}
	return pixels
}

// newDetector returns a detector whose threshold was fitted on images(99).
func newDetector(t testing.TB, score *dismaxlib.Score, rule detect.Rule) *detect.Detector {
	t.Helper()
	n := newNetwork(t, "dismax")
	return detectorOf(t, detect.Parts{Network: n, Weights: weights(t, n), Score: score, Temperature: 0.3}, rule)
}

func detectorOf(t testing.TB, parts detect.Parts, rule detect.Rule) *detect.Detector {
	t.Helper()
	d, err := detect.New(testkit.Backend(t), parts, outputs(t, parts, images(99)), rule)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// outputs are what the network of the parts answers.
func outputs(t testing.TB, parts detect.Parts, pixels []uint8) *network.Outputs {
	t.Helper()
	all, err := parts.Network.Predict(t.Context(), testkit.Backend(t), parts.Weights, pixels, parts.Score)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func answers(t testing.TB, d *detect.Detector, pixels []uint8) []detect.Answer {
	t.Helper()
	answers, err := d.Detect(t.Context(), pixels)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func checkError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error: got %v, want one that says %q", err, word)
		}
	}
}

func TestDetectorAnswersAsTheLibraryComputes(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n), Score: dismaxlib.MMLES, Temperature: 0.3}
	d := detectorOf(t, parts, detect.Percentile(30))
	pixels := images(150) // a whole batch and a partial one
	exec, err := model.NewExec(testkit.Backend(t), parts.Weights, n.Logits)
	if err != nil {
		t.Fatal(err)
	}
	results, err := exec.Exec(tensors.FromFlatDataAndDimensions(pixels, 150, side, side, 3))
	if err != nil {
		t.Fatal(err)
	}
	scores, err := dismaxlib.MMLES.Compute(testkit.Backend(t), dismaxlib.Outputs{Logits: results[0]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	logits := tensors.MustCopyFlatData[float32](results[0])
	for i, answer := range answers(t, d, pixels) {
		row := logits[i*classes : (i+1)*classes]
		class := slices.Index(row, slices.Max(row))
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(float64(logit-row[class]) / 0.3)
		}
		if answer.Class != class || answer.ClassName != n.ClassNames[class] {
			t.Errorf("image %d: class: got %d (%s), want %d", i, answer.Class, answer.ClassName, class)
		}
		if math.Abs(answer.Probability-1/sum) > 1e-5 || answer.Probabilities[class] != answer.Probability {
			t.Errorf("image %d: probability: got %g of %v, want %g", i, answer.Probability, answer.Probabilities, 1/sum)
		}
		if math.Abs(answer.Score-scores[i]) > 1e-5 {
			t.Errorf("image %d: score: got %g, want %g", i, answer.Score, scores[i])
		}
		if answer.In != (answer.Score >= d.Threshold().Value) {
			t.Errorf("image %d: in: got %v for score %g and threshold %+v", i, answer.In, answer.Score, d.Threshold())
		}
	}
}

func TestScoresAndDecisionsDoNotDependOnTheTemperature(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n)}
	for _, score := range dismaxlib.Scores(0) {
		parts.Score = score
		heldOut := outputs(t, parts, images(99))
		var first []detect.Answer
		for _, parts.Temperature = range []float64{0, 0.02, 50} {
			d, err := detect.New(testkit.Backend(t), parts, heldOut, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := answers(t, d, images(40))
			if first == nil {
				first = got
			}
			for i := range got {
				if got[i].Score != first[i].Score || got[i].In != first[i].In || got[i].Class != first[i].Class {
					t.Errorf("%s, image %d at temperature %g: got %+v, want score and decision of %+v",
						score.Name, i, parts.Temperature, got[i], first[i])
				}
			}
		}
	}
}

// A threshold on divided logits would refuse nearly everything, or nothing, of the raw ones.
func TestWeightsWithATemperatureAreRefused(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n), Score: dismaxlib.MMLES}
	heldOut := outputs(t, parts, images(99))
	if err := dismaxlib.SetTemperature(parts.Weights, 0.5); err != nil {
		t.Fatal(err)
	}
	_, err := detect.New(testkit.Backend(t), parts, heldOut, nil)
	checkError(t, err, "the temperature 0.5", "SetTemperature(store, 1)", "Parts.Temperature")
}

func TestDetectorRefusesTheShareOfTheThreshold(t *testing.T) {
	d := newDetector(t, dismaxlib.MMLES, detect.Conformal(0.2))
	refused := 0
	for _, answer := range answers(t, d, images(99)) {
		if !answer.In {
			refused++
		}
	}
	if refused != 19 {
		t.Errorf("refused of the 99 images of the fit: got %d, want 19, those below the 20th", refused)
	}
	if got := newDetector(t, dismaxlib.MMLES, nil).Threshold().Rule; !strings.HasPrefix(got, "conformal, at most 5%") {
		t.Errorf("rule of a detector that was given none: got %q, want conformal with 5%%", got)
	}
}

func TestDetectorKeepsItsOwnWeights(t *testing.T) {
	n := newNetwork(t, "dismax")
	store := weights(t, n)
	d := detectorOf(t, detect.Parts{Network: n, Weights: store, Score: dismaxlib.MPS}, detect.Percentile(5))
	want := answers(t, d, images(5))
	if err := dismaxlib.SetTemperature(store, 9); err != nil {
		t.Fatal(err)
	}
	if got := answers(t, d, images(5)); !reflect.DeepEqual(got, want) {
		t.Errorf("answers after the training store was changed: got %+v, want %+v", got, want)
	}
}

func TestSavedDetectorAnswersTheSame(t *testing.T) {
	d := newDetector(t, dismaxlib.MMLES, detect.Conformal(0.1))
	path := filepath.Join(t.TempDir(), "detector.dismax")
	savedAndLoaded(t, d, path)
	loaded := savedAndLoaded(t, d, path) // over itself
	if got := loaded.Threshold(); got != d.Threshold() {
		t.Errorf("threshold: got %+v, want %+v", got, d.Threshold())
	}
	if got, want := answers(t, loaded, images(70)), answers(t, d, images(70)); !reflect.DeepEqual(got, want) {
		t.Errorf("answers: got %+v, want %+v", got, want)
	}
	if loaded.Score() != dismaxlib.MMLES || loaded.ClassNames()[2] != "owl" || loaded.Temperature() != 0.3 {
		t.Errorf("loaded: got %s, %v and %g", loaded.Score().Name, loaded.ClassNames(), loaded.Temperature())
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("temporary files left: %v, %v", left, err)
	}
}

func TestADetectorOfOutputsNeedsNoNetwork(t *testing.T) {
	logits := func(rows ...[]float32) *network.Outputs {
		return &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue(rows)}}
	}
	var heldOut [][]float32
	for i := range 99 {
		heldOut = append(heldOut, []float32{float32(i), 0})
	}
	parts := detect.Parts{ClassNames: []string{"yes", "no"}, Score: dismaxlib.MDS}
	made, err := detect.New(testkit.Backend(t), parts, logits(heldOut...), detect.Conformal(0.05))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "detector.dismax")
	if err := made.Save(path); err != nil {
		t.Fatal(err)
	}
	d, err := detect.Load(testkit.Backend(t), path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.DetectOutputs(logits([]float32{3, 2}, []float32{4, 5}))
	if err != nil {
		t.Fatal(err)
	}
	if got[0].In || !got[1].In || got[1].ClassName != "no" || d.Threshold().Value != 4 {
		t.Errorf("got %+v at threshold %+v, want the first out and the second in, as no", got, d.Threshold())
	}
	_, err = d.Detect(t.Context(), images(1))
	checkError(t, err, "no network", "DetectOutputs")
	_, err = d.DetectOutputs(logits([]float32{1, 2, 3}))
	checkError(t, err, "3 classes", "has 2")
}

// meanFeature is a score that is fitted on features.
var meanFeature = testkit.MeanFeature()

func init() { dismaxlib.RegisterScore(meanFeature) }

// savedAndLoaded returns the detector as its file at the path gives it back.
func savedAndLoaded(t *testing.T, d *detect.Detector, path string) *detect.Detector {
	t.Helper()
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := detect.Load(testkit.Backend(t), path)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

func TestTheStateOfAScoreTravelsInTheFile(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n), Score: meanFeature}
	training := outputs(t, parts, images(50))
	fitted, err := dismaxlib.FitScores([]*dismaxlib.Score{meanFeature}, dismaxlib.TrainingOutputs{
		Logits: training.Logits, Features: training.Features, Labels: make([]int32, 50),
	})
	if err != nil {
		t.Fatal(err)
	}
	parts.Fitted = fitted[meanFeature.Name]
	d := detectorOf(t, parts, nil)
	loaded := savedAndLoaded(t, d, filepath.Join(t.TempDir(), "detector.dismax"))
	if got, want := answers(t, loaded, images(20)), answers(t, d, images(20)); !reflect.DeepEqual(got, want) {
		t.Errorf("answers: got %+v, want %+v", got, want)
	}
}

func TestDetectorIsSafeForConcurrentUse(t *testing.T) {
	d := newDetector(t, dismaxlib.MMLES, nil)
	want := answers(t, d, images(9))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got, err := d.Detect(t.Context(), images(9)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("answers: got %+v and %v, want %+v", got, err, want)
			}
		})
	}
	group.Wait()
}

func TestPartsThatDoNotFitAreRefused(t *testing.T) {
	n := newNetwork(t, "dismax")
	good := detect.Parts{Network: n, Weights: weights(t, n), Score: dismaxlib.MPS}
	heldOut := outputs(t, good, images(99))
	for name, test := range map[string]struct {
		change func(*detect.Parts)
		words  []string
	}{
		"no score":          {func(p *detect.Parts) { p.Score = nil }, []string{"no score"}},
		"no weights":        {func(p *detect.Parts) { p.Weights = nil }, []string{"nil"}},
		"empty weights":     {func(p *detect.Parts) { p.Weights = model.NewStore() }, []string{"no dismaxlib head"}},
		"temperature":       {func(p *detect.Parts) { p.Temperature = math.Inf(1) }, []string{"temperature is +Inf"}},
		"neither":           {func(p *detect.Parts) { p.Network = nil }, []string{"no class names"}},
		"other size":        {func(p *detect.Parts) { p.Network.Height = 8 }, []string{"trying the network"}},
		"other head":        {func(p *detect.Parts) { p.Network = newNetwork(t, "softmax") }, []string{"the weights lack /head/"}},
		"needs a fit":       {func(p *detect.Parts) { p.Score = meanFeature }, []string{"mean-feature"}},
		"a bad description": {func(p *detect.Parts) { p.Network.Std[1] = 0 }, []string{"channel 1"}},
	} {
		parts := good
		changed := *n
		changed.Std = slices.Clone(n.Std)
		parts.Network = &changed
		test.change(&parts)
		_, err := detect.New(testkit.Backend(t), parts, heldOut, nil)
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
		checkError(t, err, test.words...)
	}
	_, err := detect.New(testkit.Backend(t), good, nil, nil)
	checkError(t, err, "held-out")
	_, err = detect.New(testkit.Backend(t), good, heldOut, detect.Conformal(0.001))
	checkError(t, err, "separates nothing", "hold out more")
	_, err = detect.New(testkit.Backend(t), good, heldOut, detect.Percentile(500))
	checkError(t, err, "percentile is 500")
	_, err = detect.New(testkit.Backend(t), good, heldOut, func([]float64) (detect.Threshold, error) {
		return detect.Threshold{Value: math.NaN()}, nil
	})
	checkError(t, err, "NaN")
}

func TestBadWeightsAreRefused(t *testing.T) {
	linear := newNetwork(t, "softmax")
	heldOut := outputs(t, detect.Parts{Network: linear, Weights: weights(t, linear), Score: dismaxlib.MPS}, images(99))
	for value, words := range map[float32][]string{
		float32(math.NaN()):   {"/head/weights", "entry 1", "NaN"},
		float32(math.Inf(-1)): {"/head/weights", "entry 1", "infinite"},
		math.MaxFloat32:       {"input 0 has logit", "weights are not usable"},
	} {
		store := weights(t, linear)
		variable := store.GetVariable("/head/weights")
		values := slices.Repeat([]float32{value}, variable.Shape().Size())
		values[0] = 0
		err := variable.SetValue(tensors.FromFlatDataAndDimensions(values, variable.Shape().Dimensions...))
		if err != nil {
			t.Fatal(err)
		}
		parts := detect.Parts{Network: linear, Weights: store, Score: dismaxlib.MPS}
		_, err = detect.New(testkit.Backend(t), parts, heldOut, nil)
		checkError(t, err, words...)
	}
}

func TestBadPixelsAndPlacesAreRefused(t *testing.T) {
	d := newDetector(t, dismaxlib.MMLES, nil)
	_, err := d.Detect(t.Context(), nil)
	checkError(t, err, "no inputs")
	_, err = d.Detect(t.Context(), images(1)[1:])
	checkError(t, err, "47 numbers", "[4 4 3]")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = d.Detect(ctx, images(1))
	checkError(t, err, "canceled")
	checkError(t, d.Save(filepath.Join(t.TempDir(), "no", "folder")), "saving the detector")
	checkError(t, d.Save(t.TempDir()), "saving the detector")
}

func TestWhatIsNotRegisteredCannotBeSaved(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n)}
	own := *dismaxlib.MPS
	parts.Score = &own
	checkError(t, detectorOf(t, parts, nil).Save(filepath.Join(t.TempDir(), "file")), "score MPS is not the one", "RegisterScore")
	mine := *n
	mine.Model = &models.Model{Name: "nobody knows", Backbone: n.Model.Backbone}
	parts.Network, parts.Score = &mine, dismaxlib.MPS
	checkError(t, detectorOf(t, parts, nil).Save(filepath.Join(t.TempDir(), "file")), "nobody knows", "models.Register")
}

func TestWhatADetectorSaysOfItself(t *testing.T) {
	n := newNetwork(t, "dismax")
	parts := detect.Parts{Network: n, Weights: weights(t, n), Score: dismaxlib.MPS, About: "three animals"}
	d := detectorOf(t, parts, nil)
	path := filepath.Join(t.TempDir(), "detector.dismax")
	loaded := savedAndLoaded(t, d, path)
	if loaded.About() != "three animals" || loaded.Network().Height != side || loaded.Temperature() != 1 {
		t.Errorf("got %q, %d pixels and temperature %g", loaded.About(), loaded.Network().Height, loaded.Temperature())
	}
	if err := detect.Verify(path); err != nil {
		t.Errorf("verified as it was saved: %v", err)
	}
	_, err := detect.Load(testkit.Backend(t), filepath.Dir(path))
	checkError(t, err, "not a detector", filepath.Dir(path))
}

func TestADetectorOfOutputsTakesNoScoreOfANetwork(t *testing.T) {
	parts := detect.Parts{ClassNames: []string{"a", "b"}, Score: &dismaxlib.Score{
		Name: "head", Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsHead, Graph: dismaxlib.MPS.Graph,
	}}
	heldOut := &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{1, 2}})}}
	_, err := detect.New(testkit.Backend(t), parts, heldOut, nil)
	checkError(t, err, "score head needs a network")
	parts.Score = dismaxlib.MPS
	_, err = detect.New(testkit.Backend(t), parts, &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue([]float32{1})}}, nil)
	checkError(t, err, "detect")
}
