package detect_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
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

func network() detect.Network {
	return detect.Network{
		Model: "one-layer", Loss: "dismax", Classes: classes, ClassNames: []string{"cat", "dog", "owl"},
		Height: side, Width: side,
		Normalization: detect.Normalization{Mean: [3]float32{0.5, 0.4, 0.3}, Std: [3]float32{0.2, 0.3, 0.4}},
	}
}

// weights returns the weights of a network that was initialised and not trained, next to an optimizer's variable.
func weights(t testing.TB, network detect.Network) *model.Store {
	t.Helper()
	store, err := initialised(testkit.Backend(t), network)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func initialised(backend compute.Backend, network detect.Network) (*model.Store, error) {
	store := model.NewStore()
	store.RootScope().SetParam("initializer_seed", int64(7))
	exec, err := model.NewExec(backend, store, network.Logits)
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

func newDetector(t testing.TB) *detect.Detector {
	t.Helper()
	d, err := detect.New(testkit.Backend(t), network(), "MMLES", weights(t, network()))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fit(t testing.TB, d *detect.Detector, rule detect.Rule) detect.Threshold {
	t.Helper()
	threshold, err := d.FitThreshold(images(99), rule)
	if err != nil {
		t.Fatal(err)
	}
	return threshold
}

func answers(t testing.TB, d *detect.Detector, pixels []uint8) []detect.Answer {
	t.Helper()
	answers, err := d.Detect(pixels)
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
	store := weights(t, network())
	d, err := detect.New(testkit.Backend(t), network(), "MMLES", store)
	if err != nil {
		t.Fatal(err)
	}
	threshold := fit(t, d, detect.Percentile(30))
	pixels := images(150) // two whole batches and a partial one
	exec, err := model.NewExec(testkit.Backend(t), store, network().Logits)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Exec(tensors.FromFlatDataAndDimensions(pixels, 150, side, side, 3))
	if err != nil {
		t.Fatal(err)
	}
	scores, err := dismaxlib.MMLES.Compute(testkit.Backend(t), dismaxlib.Outputs{Logits: outputs[0]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	logits := tensors.MustCopyFlatData[float32](outputs[0])
	for i, answer := range answers(t, d, pixels) {
		row := logits[i*classes : (i+1)*classes]
		class := slices.Index(row, slices.Max(row))
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(float64(logit - row[class]))
		}
		if answer.Class != class || answer.ClassName != network().ClassNames[class] {
			t.Errorf("image %d: class: got %d (%s), want %d", i, answer.Class, answer.ClassName, class)
		}
		if math.Abs(answer.Probability-1/sum) > 1e-5 {
			t.Errorf("image %d: probability: got %g, want %g", i, answer.Probability, 1/sum)
		}
		if math.Abs(answer.Score-scores[i]) > 1e-5 {
			t.Errorf("image %d: score: got %g, want %g", i, answer.Score, scores[i])
		}
		if answer.In != (answer.Score >= threshold.Value) {
			t.Errorf("image %d: in: got %v for score %g and threshold %g", i, answer.In, answer.Score, threshold.Value)
		}
	}
}

func TestDetectorRefusesTheShareOfTheThreshold(t *testing.T) {
	d := newDetector(t)
	fit(t, d, detect.Conformal(0.2))
	refused := 0
	for _, answer := range answers(t, d, images(99)) {
		if !answer.In {
			refused++
		}
	}
	if refused != 19 {
		t.Errorf("refused of the 99 images of the fit: got %d, want 19, those below the 20th", refused)
	}
}

func TestTemperatureMakesTheThresholdStale(t *testing.T) {
	d := newDetector(t)
	path := filepath.Join(t.TempDir(), "detector.dismax")
	checkRefusal := func(want error) {
		t.Helper()
		_, detectErr := d.Detect(images(1))
		_, thresholdErr := d.Threshold()
		for _, err := range []error{detectErr, thresholdErr, d.Save(path)} {
			if !errors.Is(err, want) {
				t.Errorf("error: got %v, want %v", err, want)
			}
		}
	}
	checkRefusal(detect.ErrNoThreshold)
	want := fit(t, d, detect.Percentile(5))
	if got, err := d.Threshold(); err != nil || got != want {
		t.Errorf("threshold: got %+v and %v, want %+v", got, err, want)
	}
	if err := d.SetTemperature(0.25); err != nil {
		t.Fatal(err)
	}
	checkRefusal(detect.ErrStaleThreshold)
	if got := fit(t, d, detect.Percentile(5)); got.Value == want.Value {
		t.Errorf("threshold at another temperature: got the same %g", got.Value)
	}
	answers(t, d, images(1))
	if err := d.SetTemperature(0.25); err != nil {
		t.Fatal(err)
	}
	answers(t, d, images(1)) // the same temperature changes nothing
	checkError(t, d.SetTemperature(0), "temperature")
}

func TestFitTemperatureIsNeverAppliedTwice(t *testing.T) {
	d := newDetector(t)
	labels := make([]int32, 60)
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	fit(t, d, detect.Percentile(5))
	for i, answer := range answers(t, d, images(60)) {
		if i%2 == 0 {
			labels[i] = int32(answer.Class)
		}
	}
	first, err := d.FitTemperature(images(60), labels, calibrate.ByNLL)
	if err != nil {
		t.Fatal(err)
	}
	if first.Temperature == 1 || first.Objective >= first.Before {
		t.Errorf("fit: got %+v, want a temperature that helps", first)
	}
	second, err := d.FitTemperature(images(60), labels, calibrate.ByNLL)
	if err != nil || math.Abs(second.Temperature/first.Temperature-1) > 1e-6 {
		t.Errorf("second fit: got %+v and %v, want the first, %+v", second, err, first)
	}
	got, err := d.Temperature()
	if err != nil || math.Abs(got/first.Temperature-1) > 1e-6 {
		t.Errorf("temperature: got %g and %v, want %g", got, err, first.Temperature)
	}
	if _, err := d.Detect(images(1)); !errors.Is(err, detect.ErrStaleThreshold) {
		t.Errorf("error: got %v, want %v", err, detect.ErrStaleThreshold)
	}
}

func TestAFailedFitKeepsTheTemperature(t *testing.T) {
	d := newDetector(t)
	if err := d.SetTemperature(0.5); err != nil {
		t.Fatal(err)
	}
	byECE := func(logits metrics.Logits, labels []int32) (calibrate.Result, error) {
		return calibrate.ByECE(logits, labels, metrics.DefaultBins)
	}
	_, err := d.FitTemperature(images(2), []int32{0}, byECE)
	checkError(t, err, "labels has 1")
	_, err = d.FitTemperature(images(2)[1:], []int32{0, 0}, calibrate.ByNLL)
	checkError(t, err, "whole number of images")
	if got, err := d.Temperature(); got != 0.5 || err != nil {
		t.Errorf("temperature: got %g and %v, want 0.5", got, err)
	}
}

func TestDetectorKeepsItsOwnWeights(t *testing.T) {
	store := weights(t, network())
	d, err := detect.New(testkit.Backend(t), network(), "MPS", store)
	if err != nil {
		t.Fatal(err)
	}
	fit(t, d, detect.Percentile(5))
	want := answers(t, d, images(5))
	if err := dismaxlib.SetTemperature(store, 9); err != nil {
		t.Fatal(err)
	}
	if got := answers(t, d, images(5)); !slices.Equal(got, want) {
		t.Errorf("answers after the training store was changed: got %+v, want %+v", got, want)
	}
}

func TestDetectorFromACheckpoint(t *testing.T) {
	trained := weights(t, network())
	folder := t.TempDir()
	handler, err := checkpoint.Build(trained).Dir(folder).Done()
	if err == nil {
		err = handler.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
	restored := model.NewStore()
	if _, err := checkpoint.Load(restored).Dir(folder).Immediate().Done(); err != nil {
		t.Fatal(err)
	}
	d, err := detect.New(testkit.Backend(t), network(), "MMLES", restored)
	if err != nil {
		t.Fatal(err)
	}
	fit(t, d, detect.Percentile(5))
	same := newDetector(t)
	fit(t, same, detect.Percentile(5))
	if got, want := answers(t, d, images(5)), answers(t, same, images(5)); !slices.Equal(got, want) {
		t.Errorf("answers: got %+v, want %+v", got, want)
	}
}

func TestSavedDetectorAnswersTheSame(t *testing.T) {
	for _, rule := range []detect.Rule{detect.Conformal(0.1), detect.Conformal(0.001)} { // the second refuses nothing
		d := newDetector(t)
		if err := d.SetTemperature(0.3); err != nil {
			t.Fatal(err)
		}
		threshold := fit(t, d, rule)
		path := filepath.Join(t.TempDir(), "detector.dismax")
		for range 2 { // over itself, too
			if err := d.Save(path); err != nil {
				t.Fatal(err)
			}
		}
		loaded, err := detect.Load(testkit.Backend(t), path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := loaded.Threshold(); got != threshold || err != nil {
			t.Errorf("threshold: got %+v and %v, want %+v", got, err, threshold)
		}
		if got, want := answers(t, loaded, images(70)), answers(t, d, images(70)); !slices.Equal(got, want) {
			t.Errorf("answers: got %+v, want %+v", got, want)
		}
		if loaded.ScoreName() != "MMLES" || loaded.Network().ClassNames[2] != "owl" {
			t.Errorf("loaded: got %s and %+v", loaded.ScoreName(), loaded.Network())
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
		if err != nil || len(left) != 0 {
			t.Errorf("temporary files left: %v, %v", left, err)
		}
	}
}

func TestDetectorIsSafeForConcurrentUse(t *testing.T) {
	d := newDetector(t)
	fit(t, d, detect.Percentile(5))
	want := answers(t, d, images(9))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got, err := d.Detect(images(9)); err != nil || !slices.Equal(got, want) {
				t.Errorf("answers: got %+v and %v, want %+v", got, err, want)
			}
		})
	}
	group.Wait()
}

func TestBadNetworksAreRefused(t *testing.T) {
	store := weights(t, network())
	for _, c := range []struct {
		name   string
		change func(n *detect.Network)
		words  []string
	}{
		{"model", func(n *detect.Network) { n.Model = "none" }, []string{"unknown model", "one-layer"}},
		{"loss", func(n *detect.Network) { n.Loss = "none" }, []string{"unknown loss", "dismax"}},
		{"classes", func(n *detect.Network) { n.Classes = 0 }, []string{"classes is 0"}},
		{"names", func(n *detect.Network) { n.ClassNames = []string{"one"} }, []string{"1 class names for 3 classes"}},
		{"size", func(n *detect.Network) { n.Height = 0 }, []string{"0x4"}},
		{"deviation", func(n *detect.Network) { n.Normalization.Std[1] = 0 }, []string{"colour 1"}},
		{"other size", func(n *detect.Network) { n.Height = 8 }, []string{"trying the network"}},
		{"other head", func(n *detect.Network) { n.Loss = "softmax" }, []string{"the weights lack /head/"}},
		{"other backbone", func(n *detect.Network) { n.Model = "resnet8" }, []string{"the weights lack /backbone/"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := network()
			c.change(&n)
			_, err := detect.New(testkit.Backend(t), n, "MPS", store)
			checkError(t, err, c.words...)
		})
	}
	for _, n := range []detect.Network{{Model: "none", Loss: "dismax"}, {Model: "one-layer", Loss: "none"}} {
		_, err := initialised(testkit.Backend(t), n)
		checkError(t, err, "unknown")
	}
	_, err := detect.New(testkit.Backend(t), network(), "none", store)
	checkError(t, err, "unknown score", "MMLES")
	_, err = detect.New(testkit.Backend(t), network(), "MPS", model.NewStore())
	checkError(t, err, "the weights lack")
}

func TestWeightsWithoutAValueAreRefused(t *testing.T) {
	store := model.NewStore()
	store.VariableWithShape("/backbone/weight", shapes.Make(dtypes.Float32, 2), graph.Zeros)
	_, err := detect.New(testkit.Backend(t), network(), "MPS", store)
	checkError(t, err, "/backbone/weight")
}

func TestBadWeightsAreRefused(t *testing.T) {
	linear := network()
	linear.Loss = "softmax"
	for value, words := range map[float32][]string{
		float32(math.NaN()):   {"/head/weights", "entry 1", "NaN"},
		float32(math.Inf(-1)): {"/head/weights", "entry 1", "infinite"},
		math.MaxFloat32:       {"image 0 has logit", "weights are not usable"},
	} {
		store := weights(t, linear)
		variable := store.GetVariable("/head/weights")
		values := slices.Repeat([]float32{value}, variable.Shape().Size())
		values[0] = 0
		err := variable.SetValue(tensors.FromFlatDataAndDimensions(values, variable.Shape().Dimensions...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = detect.New(testkit.Backend(t), linear, "MPS", store)
		checkError(t, err, words...)
	}
}

func TestBadPixelsAndRulesAreRefused(t *testing.T) {
	d := newDetector(t)
	fit(t, d, detect.Percentile(5))
	_, err := d.Detect(nil)
	checkError(t, err, "pixels is empty")
	_, err = d.Detect(images(1)[1:])
	checkError(t, err, "47 bytes", "4x4x3 = 48")
	_, err = d.FitThreshold(nil, detect.Percentile(5))
	checkError(t, err, "pixels is empty")
	_, err = d.FitThreshold(images(3), detect.Percentile(500))
	checkError(t, err, "percentile is 500")
	_, err = d.FitThreshold(images(3), func([]float64) (detect.Threshold, error) {
		return detect.Threshold{Value: math.NaN()}, nil
	})
	checkError(t, err, "NaN")
	checkError(t, d.Save(filepath.Join(t.TempDir(), "no", "folder")), "saving the detector")
	checkError(t, d.Save(t.TempDir()), "saving the detector")
}

// rewritten returns the detector's file with the entry replaced by what change returns, or left out for nil.
func rewritten(t *testing.T, content []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var buffer bytes.Buffer
	to := zip.NewWriter(&buffer)
	for _, file := range from.File {
		reader, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		entry, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name == name {
			if entry = change(entry); entry == nil {
				continue
			}
		}
		w, err := to.Create(file.Name)
		if err == nil {
			_, err = w.Write(entry)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestDamagedFilesAreRefused(t *testing.T) {
	d := newDetector(t)
	fit(t, d, detect.Percentile(5))
	path := filepath.Join(t.TempDir(), "detector.dismax")
	if err := d.Save(path); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) func([]byte) []byte {
		return func(entry []byte) []byte {
			if !bytes.Contains(entry, []byte(old)) {
				t.Fatalf("the manifest does not hold %q:\n%s", old, entry)
			}
			return bytes.Replace(entry, []byte(old), []byte(new), 1)
		}
	}
	remove := func([]byte) []byte { return nil }
	const manifest, prototypes = "manifest.json", "weights/head/prototypes.npy"
	for name, c := range map[string]struct {
		content []byte
		word    string
	}{
		"cut":           {good[:len(good)/2], "zip"},
		"no manifest":   {rewritten(t, good, manifest, remove), "not a detector"},
		"no JSON":       {rewritten(t, good, manifest, replace("{", "[")), "manifest.json"},
		"later format":  {rewritten(t, good, manifest, replace(`"format": 1`, `"format": 2`)), "format 2"},
		"unknown score": {rewritten(t, good, manifest, replace(`"MMLES"`, `"X"`)), "unknown score"},
		"temperature":   {rewritten(t, good, manifest, replace(`"temperature": 1`, `"temperature": 2`)), "stale"},
		"no weight":     {rewritten(t, good, prototypes, remove), "prototypes"},
		"cut weight":    {rewritten(t, good, prototypes, func(entry []byte) []byte { return entry[:20] }), "prototypes"},
		"odd shape":     {rewritten(t, good, prototypes, replace("(3, 8)", "(-3,8)")), "prototypes"},
		"odd weight":    {rewritten(t, good, manifest, replace(`"/head/prototypes"`, `"/../prototypes"`)), "neither"},
		"twice":         {rewritten(t, good, manifest, replace(`"/head/prototypes"`, `"/head/temperature"`)), "lack"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "damaged")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := detect.Load(testkit.Backend(t), path)
			checkError(t, err, c.word, path)
		})
	}
	_, err = detect.Load(testkit.Backend(t), filepath.Join(t.TempDir(), "none"))
	checkError(t, err, "no such file")
}
