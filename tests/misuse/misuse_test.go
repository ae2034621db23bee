package misuse

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/reports"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// misuses are wrong calls by what is wrong with them.
type misuses map[string]func() error

// check calls them all.
func (m misuses) check(t *testing.T) {
	for name, call := range m {
		err := noPanic(t, name, call)
		switch {
		case err == nil:
			t.Errorf("%s: no error", name)
		case strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: the error has several lines: %q", name, err)
		case strings.Contains(err.Error(), "runtime error"), strings.Contains(err.Error(), "nil pointer"):
			t.Errorf("%s: the error is that of a panic: %v", name, err)
		}
	}
}

// noPanic returns what the call returns, and fails the test if it panics.
func noPanic(t *testing.T, name string, call func() error) (err error) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("%s: panic: %.300v", name, problem)
			err = fmt.Errorf("panic")
		}
	}()
	return call()
}

// second drops the result of a call.
func second[T any](_ T, err error) error { return err }

const huge = 1 << 40

var (
	nan    = math.NaN()
	inf    = math.Inf(1)
	good   = metrics.Logits{Values: []float64{1, 0, 0, 1}, Classes: 2}
	labels = []int32{0, 1}
	scores = []float64{1, 2, 3}
)

func TestMisuseOfMetricsIsAnError(t *testing.T) {
	evaluate := func(logits metrics.Logits, labels []int32, bins int) func() error {
		return func() error { return second(metrics.Evaluate(logits, labels, bins)) }
	}
	misuses{
		"no logits":             evaluate(metrics.Logits{}, labels, 15),
		"negative classes":      evaluate(metrics.Logits{Values: good.Values, Classes: -2}, labels, 15),
		"half a row":            evaluate(metrics.Logits{Values: good.Values[:3], Classes: 2}, labels, 15),
		"NaN logits":            evaluate(metrics.Logits{Values: []float64{nan, 0, 0, 1}, Classes: 2}, labels, 15),
		"no labels":             evaluate(good, nil, 15),
		"negative label":        evaluate(good, []int32{0, -1}, 15),
		"label out of range":    evaluate(good, []int32{0, 2}, 15),
		"no bins":               evaluate(good, labels, 0),
		"negative bins":         evaluate(good, labels, -1),
		"1<<40 bins":            evaluate(good, labels, huge),
		"most bins":             evaluate(good, labels, math.MaxInt),
		"temperature 0":         evaluate(good.At(0), labels, 15),
		"temperature NaN":       evaluate(good.At(nan), labels, 15),
		"infinite temperature":  evaluate(good.At(inf), labels, 15),
		"detect nothing":        func() error { return second(metrics.Detect(nil, nil, metrics.PaperConvention)) },
		"detect NaN":            func() error { return second(metrics.Detect([]float64{nan}, scores, metrics.PaperConvention)) },
		"unknown convention":    func() error { return second(metrics.Detect(scores, scores, 77)) },
		"no convention":         func() error { return second(metrics.Detect(scores, scores, 0)) },
		"histogram of no bins":  func() error { return second(metrics.NewHistogram(scores, scores, 0)) },
		"histogram of 1<<40":    func() error { return second(metrics.NewHistogram(scores, scores, huge)) },
		"histogram of nothing":  func() error { return second(metrics.NewHistogram(nil, scores, 3)) },
		"ROC of one point":      func() error { return second(metrics.ROC(scores, scores, 1)) },
		"ROC of -1 points":      func() error { return second(metrics.ROC(scores, scores, -1)) },
		"precision of nothing":  func() error { _, _, err := metrics.AveragePrecision(nil, scores); return err },
		"1<<40 resamples":       func() error { return second(metrics.Bootstrap{Resamples: huge}.Evaluation(good, labels, 15)) },
		"-1 resamples":          func() error { return second(metrics.Bootstrap{Resamples: -1}.Evaluation(good, labels, 15)) },
		"confidence 2":          func() error { return second(metrics.Bootstrap{Confidence: 2}.Evaluation(good, labels, 15)) },
		"confidence NaN":        func() error { return second(metrics.Bootstrap{Confidence: nan}.Evaluation(good, labels, 15)) },
		"1<<40 bins, resampled": func() error { return second(metrics.Bootstrap{}.Evaluation(good, labels, huge)) },
		"runs of other images": func() error {
			return second(metrics.Bootstrap{}.CompareDetection(metrics.Scores{In: scores, Out: scores}, metrics.Scores{In: scores[:1], Out: scores}, metrics.PaperConvention))
		},
		"runs of other rows": func() error {
			return second(metrics.Bootstrap{}.CompareEvaluation(good, metrics.Logits{Values: []float64{1, 2}, Classes: 2}, labels, 15))
		},
		"unknown name":          func() error { return second(metrics.ConventionByName("")) },
		"calibrating nothing":   func() error { return second(calibrate.ByNLL(metrics.Logits{}, nil)) },
		"calibrating by 0 bins": func() error { return second(calibrate.ByECE(good, labels, 0)) },
		"calibrating by 1<<40":  func() error { return second(calibrate.ByECE(good, labels, huge)) },
		"calibrating infinities": func() error {
			return second(calibrate.ByNLL(metrics.Logits{Values: []float64{inf, 0, 0, 1}, Classes: 2}, labels))
		},
	}.check(t)
}

func TestMisuseOfHeadsAndScoresIsAnError(t *testing.T) {
	backend, logits := testkit.Backend(t), tensors.FromValue([][]float32{{1, 2}, {2, 1}})
	own := &dismaxlib.Score{Name: "own"}
	dismax, err := dismaxlib.LossByName("dismax")
	if err != nil {
		t.Fatal(err)
	}
	fit := func(training dismaxlib.TrainingOutputs, scores ...*dismaxlib.Score) func() error {
		return func() error { return second(dismaxlib.FitScores(scores, training)) }
	}
	scorer := func(outputs dismaxlib.Outputs) func() error {
		return func() error {
			s, err := dismaxlib.NewScorer(backend, []*dismaxlib.Score{dismaxlib.MMLES}, nil, nil)
			if err != nil {
				return fmt.Errorf("the scorer itself\nis wrong: %w", err)
			}
			return second(s.Compute(outputs))
		}
	}
	whole := dismaxlib.TrainingOutputs{Logits: logits, Labels: labels}
	misuses{
		"unknown loss":               func() error { return second(dismaxlib.LossByName("")) },
		"unknown score":              func() error { return second(dismaxlib.ScoreByName("\n")) },
		"temperature of no store":    func() error { return second(dismaxlib.Temperature(nil)) },
		"temperature of a new store": func() error { return second(dismaxlib.Temperature(model.NewStore())) },
		"temperature into no store":  func() error { return dismaxlib.SetTemperature(nil, 1) },
		"temperature NaN":            func() error { return dismaxlib.SetTemperature(model.NewStore(), nan) },
		"fitting on nothing":         fit(dismaxlib.TrainingOutputs{}, own),
		"fitting no score":           fit(whole, nil),
		"labels out of range":        fit(dismaxlib.TrainingOutputs{Logits: logits, Labels: []int32{0, 5}}, own),
		"logits of one axis":         fit(dismaxlib.TrainingOutputs{Logits: tensors.FromValue([]float32{1, 2}), Labels: labels}, own),
		"scorer of nothing":          func() error { return second(dismaxlib.NewScorer(backend, nil, nil, nil)) },
		"scorer of no score":         func() error { return second(dismaxlib.NewScorer(backend, []*dismaxlib.Score{nil}, nil, nil)) },
		"scorer of an empty score":   func() error { return second(dismaxlib.NewScorer(backend, []*dismaxlib.Score{own}, nil, nil)) },
		"scorer without a backend":   func() error { return second(dismaxlib.NewScorer(nil, []*dismaxlib.Score{dismaxlib.MPS}, nil, nil)) },
		"scorer of a network of none": func() error {
			return second(dismaxlib.NewScorer(backend, []*dismaxlib.Score{dismaxlib.MPS}, nil, &dismaxlib.Network{}))
		},
		"scores of nothing":  scorer(dismaxlib.Outputs{}),
		"scores of one axis": scorer(dismaxlib.Outputs{Logits: tensors.FromValue([]float32{1})}),
		"scores of integers": scorer(dismaxlib.Outputs{Logits: tensors.FromValue([][]int32{{1}})}),
		"scores of NaN":      scorer(dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{float32(nan), 1}})}),
		"a loss of no labels": func() error {
			return second(graph.CallOnce(backend, func(x *graph.Node) *graph.Node {
				return dismaxlib.EntropicLoss(nil, []*graph.Node{x})
			}, logits))
		},
		"a head of no classes": func() error {
			return second(model.CallOnce(backend, model.NewStore(), func(scope *model.Scope, x *graph.Node) *graph.Node {
				return dismax.Head(scope, x, 0)
			}, logits))
		},
		"odd images mixed": func() error {
			return second(graph.CallOnce(backend, dismaxlib.MixQuadrants, logits))
		},
	}.check(t)
}

func TestMisuseOfNetworksAndDetectorsIsAnError(t *testing.T) {
	backend, logits := testkit.Backend(t), tensors.FromValue([][]float32{{1, 2}, {2, 1}})
	outputs := &network.Outputs{Outputs: dismaxlib.Outputs{Logits: logits}}
	parts := detect.Parts{Score: dismaxlib.MPS, ClassNames: []string{"a", "b"}}
	resnet, err := models.ByName("resnet8")
	if err != nil {
		t.Fatal(err)
	}
	dismax, err := dismaxlib.LossByName("dismax")
	if err != nil {
		t.Fatal(err)
	}
	whole := network.Network{
		Model: resnet, Loss: dismax, ClassNames: []string{"a", "b"},
		Height: 32, Width: 32, Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1},
	}
	detector := func(change func(*detect.Parts), rule detect.Rule) func() error {
		return func() error {
			changed := parts
			change(&changed)
			return second(detect.New(backend, changed, outputs, rule))
		}
	}
	asIs := func(*detect.Parts) {}
	ofNetwork := func(change func(*network.Network), weights *model.Store) func() error {
		return detector(func(p *detect.Parts) {
			changed := whole
			change(&changed)
			p.Network, p.Weights = &changed, weights
		}, nil)
	}
	made, err := detect.New(backend, parts, outputs, detect.Percentile(50))
	if err != nil {
		t.Fatal(err)
	}
	misuses{
		"detector of nothing":        func() error { return second(detect.New(nil, detect.Parts{}, nil, nil)) },
		"detector without a backend": func() error { return second(detect.New(nil, parts, outputs, detect.Percentile(50))) },
		"no score":                   detector(func(p *detect.Parts) { p.Score = nil }, nil),
		"an empty score":             detector(func(p *detect.Parts) { p.Score = &dismaxlib.Score{} }, nil),
		"no class names":             detector(func(p *detect.Parts) { p.ClassNames = nil }, nil),
		"temperature NaN":            detector(func(p *detect.Parts) { p.Temperature = nan }, nil),
		"refusing 2":                 detector(asIs, detect.Conformal(2)),
		"refusing NaN":               detector(asIs, detect.Conformal(nan)),
		"percentile -1":              detector(asIs, detect.Percentile(-1)),
		"percentile NaN":             detector(asIs, detect.Percentile(nan)),
		"a threshold of no rule":     detector(asIs, func([]float64) (detect.Threshold, error) { return detect.Threshold{Value: nan}, nil }),
		"published of nothing":       func() error { return second(detect.PublishedThresholds(nil)) },
		"an empty network":           ofNetwork(func(n *network.Network) { *n = network.Network{} }, model.NewStore()),
		"no weights":                 ofNetwork(func(*network.Network) {}, nil),
		"a store without weights":    ofNetwork(func(*network.Network) {}, model.NewStore()),
		"images of 1<<40 pixels":     ofNetwork(func(n *network.Network) { n.Height, n.Width = huge, huge }, model.NewStore()),
		"two channels":               ofNetwork(func(n *network.Network) { n.Mean, n.Std = make([]float32, 2), make([]float32, 2) }, model.NewStore()),
		"a deviation of 0":           ofNetwork(func(n *network.Network) { n.Std = make([]float32, 3) }, model.NewStore()),
		"pixels without a network":   func() error { return second(made.Detect(t.Context(), make([]uint8, 3))) },
		"outputs of nothing":         func() error { return second(made.DetectOutputs(nil)) },
		"outputs without logits":     func() error { return second(made.DetectOutputs(&network.Outputs{})) },
		"outputs of other classes": func() error {
			return second(made.DetectOutputs(&network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{1, 2, 3}})}}))
		},
		"saving to no folder":         func() error { return made.Save(filepath.Join(t.TempDir(), "absent", "x.dismax")) },
		"measuring on nothing":        func() error { return second(made.Measure("a set", nil, nil)) },
		"measuring without a name":    func() error { return second(made.Measure("", outputs, nil)) },
		"measuring with few labels":   func() error { return second(made.Measure("a set", outputs, []int32{})) },
		"decoding nothing":            func() error { return second(detect.Decode(backend, nil)) },
		"accuracy of other labels":    func() error { return second(outputs.Accuracy([]int32{0})) },
		"loading a folder":            func() error { return second(detect.Load(backend, t.TempDir())) },
		"loading nothing":             func() error { return second(detect.Load(nil, "")) },
		"verifying a folder":          func() error { return detect.Verify(t.TempDir()) },
		"logits of nothing":           func() error { return second(network.LogitsOf(nil)) },
		"logits of integers":          func() error { return second(network.LogitsOf(tensors.FromValue([][]int32{{1}}))) },
		"weights of no store":         func() error { return second(network.Weights(nil)) },
		"checksum of no store":        func() error { return second(network.Checksum(nil)) },
		"finite weights of no store":  func() error { return network.CheckFinite(nil) },
		"head of no store":            func() error { _, _, err := network.LinearHead(nil); return err },
		"a forward pass of nothing":   func() error { return second(network.NewForward(nil, nil, nil)) },
		"description of nothing":      func() error { return second(network.Description{}.Network()) },
		"describing an empty network": func() error { return second(new(network.Network).Describe()) },
		"scores of no outputs": func() error {
			s, err := network.NewScorer(backend, []*dismaxlib.Score{dismaxlib.MPS}, nil, nil, nil)
			if err != nil {
				return fmt.Errorf("the scorer itself\nis wrong: %w", err)
			}
			return second(s.Compute(nil))
		},
		"a scorer of no score": func() error { return second(network.NewScorer(backend, []*dismaxlib.Score{nil}, nil, nil, nil)) },
		"a forward pass of a nil network": func() error {
			return second((&network.Network{}).Forward(backend, model.NewStore(), nil, nil))
		},
	}.check(t)
}

func TestMisuseOfExperimentsAndTrainingIsAnError(t *testing.T) {
	backend := testkit.Backend(t)
	run := func(change func(*record.Spec)) func() error {
		return func() error {
			spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
			spec.TrainLimit, spec.TestLimit = 160, 20
			change(&spec)
			return second(experiment.Run(t.Context(), spec, experiment.Options{Backend: backend, Folder: t.TempDir(), Offline: true}))
		}
	}
	misuses{
		"no options":                 func() error { return second(experiment.Run(t.Context(), record.Spec{}, experiment.Options{})) },
		"an empty spec":              run(func(s *record.Spec) { *s = record.Spec{} }),
		"weight decay NaN":           run(func(s *record.Spec) { s.WeightDecay = nan }),
		"infinite rate":              run(func(s *record.Spec) { s.LearningRate = inf }),
		"momentum NaN":               run(func(s *record.Spec) { s.Momentum = nan }),
		"validation share NaN":       run(func(s *record.Spec) { s.ValidationShare = nan }),
		"most training images":       run(func(s *record.Spec) { s.TrainLimit = math.MaxInt }),
		"more images than there are": run(func(s *record.Spec) { s.TrainLimit = huge }),
		"most test images":           run(func(s *record.Spec) { s.TestLimit = math.MaxInt }),
		"negative test images":       run(func(s *record.Spec) { s.TestLimit = -1 }),
		"most epochs":                run(func(s *record.Spec) { s.Epochs = math.MaxInt }),
		"batches of most images":     run(func(s *record.Spec) { s.BatchSize = math.MaxInt }),
		"a drop before the start":    run(func(s *record.Spec) { s.LearningRateDrops = []int{-1} }),
		"a drop of most epochs":      run(func(s *record.Spec) { s.LearningRateDrops = []int{math.MaxInt} }),
		"1<<40 bins":                 run(func(s *record.Spec) { s.CalibrationBins = huge }),
		"no data set":                run(func(s *record.Spec) { s.Dataset = "" }),
		"data set of a line end":     run(func(s *record.Spec) { s.Dataset = "a\nb" }),
		"an empty data set": func() error {
			return second(experiment.Run(t.Context(), experiment.Defaults("x", "resnet8", "dismax", 1), experiment.Options{
				Backend: backend, Folder: t.TempDir(), Dataset: &datasets.Dataset{},
			}))
		},
		"no out-of-distribution set": func() error {
			spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
			spec.TrainLimit, spec.TestLimit = 160, 20
			return second(experiment.Run(t.Context(), spec, experiment.Options{
				Backend: backend, Folder: t.TempDir(), OutOfDistribution: []*datasets.Dataset{nil},
			}))
		},
		"detector of no backend": func() error { return second(experiment.Detector(t.TempDir(), experiment.DetectorOptions{})) },
		"detector of an empty folder": func() error {
			return second(experiment.Detector(t.TempDir(), experiment.DetectorOptions{Backend: backend}))
		},
		"logits of an empty folder":  func() error { _, _, err := experiment.LoadLogits(t.TempDir(), "test"); return err },
		"weights of an empty folder": func() error { return second(experiment.Weights(t.TempDir())) },
		"verifying an empty folder":  func() error { return second(experiment.Verify(t.TempDir())) },
		"comparing nothing":          func() error { return second(experiment.Compare(nil, &record.Record{})) },
		"training nothing":           func() error { return second(training.Run(t.Context(), training.Config{})) },
		"verifying no folder":        func() error { return second(training.Verify(filepath.Join(t.TempDir(), "absent"))) },
		"best weights of nothing":    func() error { return second(training.BestWeights(t.TempDir())) },
		"a model that panics": func() error {
			set, err := datasets.Open(t.Context(), "synthetic", datasets.Options{TrainLimit: 20, TestLimit: 10})
			if err != nil {
				return err
			}
			loader, err := datasets.NewLoader(set.Train, datasets.LoaderOptions{BatchSize: 10})
			if err != nil {
				return err
			}
			return second(training.Run(t.Context(), training.Config{
				Backend: backend, Store: model.NewStore(), Data: loader, Epochs: 1, Optimizer: &training.SGD{LearningRate: 1},
				Model: func(*model.Scope, *graph.Node) *graph.Node { panic(errors.New("no model")) }, Loss: dismaxlib.SoftMaxLoss,
			}))
		},
		"data without inputs": func() error {
			return second(training.Run(t.Context(), training.Config{
				Backend: backend, Store: model.NewStore(), Data: nothing{}, Epochs: 1, Optimizer: &training.SGD{LearningRate: 1},
				Model: func(_ *model.Scope, x *graph.Node) *graph.Node { return x }, Loss: dismaxlib.SoftMaxLoss,
			}))
		},
		"an SGD of NaN": func() error {
			return second(training.Run(t.Context(), training.Config{
				Backend: backend, Store: model.NewStore(), Data: nothing{}, Epochs: 1,
				Optimizer: &training.SGD{LearningRate: nan, WeightDecay: nan, Momentum: inf},
				Model:     func(_ *model.Scope, x *graph.Node) *graph.Node { return x }, Loss: dismaxlib.SoftMaxLoss,
			}))
		},
	}.check(t)
}

// nothing is data whose batches hold nothing.
type nothing struct{}

func (nothing) Name() string       { return "nothing" }
func (nothing) StepsPerEpoch() int { return 1 }
func (nothing) StartAt(int)        {}
func (nothing) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) { yield(train.Batch{}, nil) }
}

func TestMisuseOfDataAndFilesIsAnError(t *testing.T) {
	open := func(name string, options datasets.Options) func() error {
		options.Offline = true
		return func() error { return second(datasets.Open(t.Context(), name, options)) }
	}
	load := func(images *datasets.Images, batch int) func() error {
		return func() error { return second(datasets.NewLoader(images, datasets.LoaderOptions{BatchSize: batch})) }
	}
	text := filepath.Join(t.TempDir(), "text.png")
	if err := os.WriteFile(text, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	one := &datasets.Images{Pixels: make([]uint8, 12), Height: 2, Width: 2}
	misuses{
		"no data set":                 open("", datasets.Options{}),
		"-1 images":                   open("synthetic", datasets.Options{TrainLimit: -1}),
		"validation share NaN":        open("synthetic", datasets.Options{ValidationShare: nan}),
		"validation share 2":          open("synthetic", datasets.Options{ValidationShare: 2}),
		"size -1":                     open("synthetic", datasets.Options{Size: -1}),
		"size 1<<40":                  open("synthetic", datasets.Options{Size: huge, TestOnly: true}),
		"memory of -1 bytes":          open("synthetic", datasets.Options{MemoryLimit: -1}),
		"no images":                   load(nil, 1),
		"empty images":                load(&datasets.Images{}, 1),
		"batches of 0":                load(one, 0),
		"batches of -1":               load(one, -1),
		"images of -1 pixels":         load(&datasets.Images{Pixels: make([]uint8, 12), Height: -2, Width: -2}, 1),
		"images whose size overflows": load(&datasets.Images{Pixels: make([]uint8, 12), Height: 1 << 32, Width: 1 << 32}, 1),
		"half an image":               load(&datasets.Images{Pixels: make([]uint8, 5), Height: 2, Width: 2}, 1),
		"too many labels":             load(&datasets.Images{Pixels: make([]uint8, 12), Labels: make([]int32, 2), Height: 2, Width: 2}, 1),
		"-1 workers": func() error {
			_, err := datasets.NewLoader(one, datasets.LoaderOptions{BatchSize: 1, Workers: -1})
			return err
		},
		"an image of 0 pixels":     func() error { return second(datasets.ReadImage(text, 0, 0)) },
		"an image of 1<<40 pixels": func() error { return second(datasets.ReadImage(text, huge, huge)) },
		"an image of text":         func() error { return second(datasets.ReadImage(text, 32, 32)) },
		"an image of nothing":      func() error { return second(datasets.DecodeImage(nil, 32, 32)) },
		"an image of a folder":     func() error { return second(datasets.ReadImage(t.TempDir(), 32, 32)) },
		"fetching nothing":         func() error { return second(datasets.Fetch(t.Context(), "", datasets.Options{Offline: true})) },
		"state dict of a folder":   func() error { return second(statedict.Read(t.TempDir())) },
		"state dict of no store":   func() error { return second(statedict.Of(nil)) },
		"loading into no store":    func() error { return statedict.State{"conv.weight": tensors.FromValue([]float32{1})}.Load(nil) },
		"loading no state":         func() error { return statedict.State(nil).Load(model.NewStore()) },
		"loading no value":         func() error { return statedict.State{"conv.weight": nil}.Load(model.NewStore()) },
		"writing no value":         func() error { return statedict.State{"conv.weight": nil}.Write(filepath.Join(t.TempDir(), "x")) },
		"a value that is freed": func() error {
			value := tensors.FromValue([]float32{1})
			value.MustFinalizeAll()
			return statedict.State{"conv.weight": value}.Write(filepath.Join(t.TempDir(), "x"))
		},
		"record of an empty folder": func() error { return second(record.Read(t.TempDir())) },
		"record of no bytes":        func() error { return second(record.Decode(nil)) },
		"record of text":            func() error { return second(record.Read(text)) },
		"no record":                 func() error { return record.Write(t.TempDir(), nil) },
		"record of NaN":             func() error { return record.Write(t.TempDir(), &record.Record{TrainSeconds: nan}) },
		"report of nothing":         func() error { return second(reports.Write(t.TempDir(), nil)) },
		"report of no record":       func() error { return second(reports.Write(t.TempDir(), []*record.Record{nil})) },
		"ROC of no set":             func() error { return second(reports.ROC("x", "y", &record.Record{})) },
		"ROC of nothing":            func() error { return second(reports.ROC("x", "y")) },
		"histogram of nothing":      func() error { return second(reports.ScoreHistogram(nil, "x", "y")) },
		"reliability of nothing":    func() error { return second(reports.Reliability(&record.Record{}, 77)) },
		"reliability of no record":  func() error { return second(reports.Reliability(nil, reports.BeforeCalibration)) },
		"curves of nothing":         func() error { return second(reports.TrainingCurves()) },
		"curves of no record":       func() error { return second(reports.TrainingCurves(nil)) },
		"unknown model":             func() error { return second(models.ByName("")) },
		"unknown dtype":             func() error { return second(models.DTypeByName("float7")) },
		"summary of nothing":        func() error { return second(models.Summarize(nil, nil, 0)) },
	}.check(t)
}
