package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/internal/registry"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/reports"
	"github.com/gomlx/compute"
)

// runCommand is "dismax run". What is not given is as in the paper; see [experiment.Defaults].
type runCommand struct {
	Dataset string   `placeholder:"NAME" help:"What to learn: ${datasets}, or the path of a folder or zip of images. Default: the images of --data, else synthetic."`
	Data    string   `placeholder:"PATH" help:"Folder or zip of images to learn; or, with --dataset, where the images of named sets are. Default: $$DISMAX_DATA, then the cache, then a download into it."`
	Offline bool     `help:"Download nothing; $$DISMAX_OFFLINE does the same."`
	OOD     []string `name:"ood" sep:"none" placeholder:"NAME" help:"Out-of-distribution set to test against, a name or the path of a folder or zip of images; repeatable. Default: the paper's that are here."`
	Size    int      `placeholder:"PIXELS" help:"Height and width that images of your own are resized to, 32 to 224. Default: what the model was made for."`
	Model   string   `default:"resnet20" placeholder:"NAME" help:"Backbone: ${models}. Default: ${default}."`
	Loss    string   `default:"dismax" placeholder:"NAME" help:"Head and loss: ${losses}. Default: ${default}."`
	Out     string   `required:"" placeholder:"DIR" help:"Folder for the record, the logits and the checkpoint. A run that was interrupted is continued from it."`

	Spec specFlag `placeholder:"RECORD" help:"Take all choices from the spec of a record (a run's folder or its record.json), but for those that other flags make. With --epochs the drops are the default ones of as many epochs."`

	Weights        string `placeholder:"PATH" help:"First weights of the backbone: the folder of a run, or a .safetensors file of PyTorch. The head is new."`
	FreezeBackbone bool   `help:"Train the head alone, on the backbone of --weights as it is."`

	Epochs       int     `default:"300" help:"Passes over the training images. Default: ${default}."`
	BatchSize    int     `placeholder:"N" help:"Images in a training step. Default: 64, or fewer where there are few images."`
	LearningRate float64 `default:"0.1" help:"Learning rate of the first epochs. Default: ${default}."`
	Drops        []int   `placeholder:"EPOCH" help:"Epochs, counted from 0, in ascending order, at whose start the learning rate is divided by 10. Default: after 1/2, 2/3 and 5/6 of them."`
	Schedule     string  `default:"drops" enum:"drops,cosine" placeholder:"NAME" help:"How the learning rate falls: drops, at the epochs of --drops, or cosine, to 0. Default: ${default}."`
	Warmup       int     `placeholder:"EPOCHS" help:"Let the learning rate of --schedule cosine rise for that many epochs first. Default: 0."`
	Momentum     float64 `default:"0.9" help:"Nesterov momentum; 0 is plain gradient descent. Default: ${default}."`
	Smoothing    float64 `name:"label-smoothing" placeholder:"SHARE" help:"Share of each target that all classes get alike. Default: 0."`
	Best         bool    `help:"Keep the weights of the epoch with the smallest loss on the held-out images, not those of the last. No detector can be made of such a run: a threshold on the same images would promise nothing."`
	WeightDecay  float64 `default:"0.0001" help:"Weight decay of every parameter. Default: ${default}."`
	Augment      bool    `default:"true" negatable:"" help:"Crop and mirror the training images at random."`
	Border       string  `default:"black" enum:"black,mean" placeholder:"COLOUR" help:"What crops reach into: black, as in the paper, or mean, the mean colour. Default: ${default}."`
	Seed         int64   `default:"1" help:"Seed of the initial weights, the order of the images and their augmentation. Default: ${default}."`
	DType        string  `name:"dtype" default:"float32" placeholder:"NAME" help:"What the backbone's convolutions are computed in: ${dtypes}. Weights and statistics stay in float32. Default: ${default}."`

	TrainLimit      int      `placeholder:"N" help:"Train on that many images, the same number of each class. Default: all."`
	TestLimit       int      `placeholder:"N" help:"Test on that many images of each set. Default: all."`
	Diagnostic      int      `name:"diagnostic-images" placeholder:"N" help:"Measure after every epoch on that many images of each test set, for a curve in the record. Nothing is chosen by it."`
	Protocol        string   `default:"held-out" placeholder:"NAME" help:"Where the temperature is fitted: held-out (images not trained on) or paper (the test images). Default: ${default}."`
	ValidationShare float64  `default:"0.1" placeholder:"SHARE" help:"Share of the training images held out for that. Default: ${default}."`
	BeyondLimit     bool     `name:"held-out-beyond-limit" help:"Hold out images that --train-limit leaves out, so that all of the limit is trained on."`
	HoldOutClasses  []string `placeholder:"CLASS" help:"Classes, by name or number, of which no image is trained on; their test images are an out-of-distribution set."`
	Criterion       string   `default:"ece" placeholder:"NAME" help:"What the temperature minimizes: ece or nll. Default: ${default}."`
	Convention      string   `default:"paper" placeholder:"NAME" help:"Definition of the detection metrics: paper (as its Table 2) or field (as scikit-learn and OpenOOD). Default: ${default}."`

	Scores       string   `default:"default" placeholder:"WHICH" help:"Detection scores to measure: default (those of the paper and Energy) or all (post-hoc scores of other papers too, most of which take one more pass over the training images). Default: ${default}."`
	ContinueRate float64  `name:"continue-with-learning-rate" placeholder:"RATE" help:"Go on from the checkpoint at this learning rate, after the loss or the weights became infinite or NaN at the former one; later drops divide it, and the record says so."`
	MemoryLimit  byteSize `placeholder:"SIZE" help:"Memory that one file of images may take as it is read: 1GB, 512MiB, … Default: 256MiB for an image, and for an archive eight times its size, at least 64MiB and at most 2GiB."`

	Again   bool   `help:"Evaluate a finished run anew. Without it a finished run is left alone."`
	Backend string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND (see dismax backends). Default: $$GOMLX_BACKEND, then the best that is here."`
	Devices int    `default:"1" placeholder:"N" help:"Train on that many of the backend's devices together, each on an equal share of every batch; XLA only. Default: ${default}."`
	Log     string `placeholder:"FILE" help:"Write a line of CSV for each epoch there."`
	Quiet   bool   `short:"q" help:"Print nothing but errors."`
}

// vars are the lists that the help texts name.
func vars() kong.Vars {
	return kong.Vars{
		"datasets": strings.Join(datasets.Names(), ", "),
		"models":   strings.Join(models.Names(), ", "),
		"dtypes":   strings.Join(models.DTypeNames(), ", "),
		"losses":   strings.Join(dismaxlib.LossNames(), ", "),
		"scales":   strings.Join(scaleNames(), ", "),
	}
}

// Run trains, evaluates and prints the table.
func (c *runCommand) Run(ctx context.Context, t terminal) error {
	spec := c.spec()
	if err := checkSpec(spec); err != nil {
		return usageError{err}
	}
	if rate := c.ContinueRate; rate != 0 && !(rate > 0 && !math.IsInf(rate, 1)) {
		return usageError{fmt.Errorf("--continue-with-learning-rate %g: it must be positive and finite", rate)}
	}
	if err := checkPath("--data", c.Data); err != nil {
		return err
	}
	if err := checkPath("--weights", c.Weights); err != nil {
		return err
	}
	if c.FreezeBackbone && c.Weights == "" {
		return usageError{errors.New("--freeze-backbone needs --weights: random weights are nothing to keep")}
	}
	if c.Spec != "" && c.Dataset == "" && c.Data == "" {
		return usageError{fmt.Errorf("--spec %s: its images are of no named set: name their folder with --data", c.Spec)}
	}
	scores, err := c.scores()
	if err != nil {
		return err
	}
	options := experiment.Options{Again: c.Again, Scores: scores, Weights: c.Weights, AdaptBatch: c.BatchSize == 0}
	if c.Dataset != "" {
		options.Data = c.Data
		if c.Data != "" && !c.Quiet && !c.readsFiles() {
			t.line(fmt.Sprintf("--data %s is not read: no set of this run comes from files (to learn the images there, "+
				"leave out --dataset)", c.Data))
		}
	}
	result, err := c.run(ctx, t, spec, options)
	if err != nil {
		return err
	}
	if !c.Quiet {
		fmt.Fprint(t.out, reports.Table(result).Text(false))
		printCautions(t, result)
		fmt.Fprintf(t.err, "record: %s\nfor plots and a page: dismax report %s\n", recordPath(c.Out), c.Out)
	}
	return nil
}

// readsFiles reports whether one of the sets of --dataset may come from files.
func (c *runCommand) readsFiles() bool {
	names := append([]string{c.Dataset}, c.OOD...)
	if set, err := datasets.ByName(c.Dataset); err == nil && len(c.OOD) == 0 {
		names = append(names, set.OutOfDistribution...)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		set, err := datasets.ByName(name)
		return err != nil || set.Locate != nil
	})
}

// scores returns those to measure: all that are registered, or without those of package posthoc.
func (c *runCommand) scores() ([]*dismaxlib.Score, error) {
	all := dismaxlib.Scores(dismaxlib.AllNeeds)
	switch c.Scores {
	case "all":
		return all, nil
	case "default":
		return slices.DeleteFunc(all, func(s *dismaxlib.Score) bool { return slices.Contains(posthoc.Scores(), s) }), nil
	}
	return nil, usageError{fmt.Errorf("unknown scores %q: choose one of default, all", c.Scores)}
}

// run trains and evaluates, and shows how far it is.
func (c *runCommand) run(ctx context.Context, t terminal, spec record.Spec, options experiment.Options) (*record.Record, error) {
	options.Offline, options.Folder, options.MemoryLimit = c.Offline, c.Out, int64(c.MemoryLimit)
	options.ContinueWithLearningRate = c.ContinueRate
	if !c.Quiet {
		options.Log = t.line
		options.Watchers = []training.Watcher{progress(t)}
		options.DownloadProgress = downloadProgress(t)
		options.Progress = stageProgress(t)
	}
	if c.Log != "" {
		file, err := os.Create(c.Log)
		if err != nil {
			return nil, usageError{fmt.Errorf("--log: %w", err)}
		}
		defer file.Close()
		options.Watchers = append(options.Watchers, training.CSV(file))
	}
	var err error
	if options.Backend, options.Choice, err = openBackend(c.Backend, options.Log); err != nil {
		return nil, usageError{err}
	}
	defer options.Backend.Finalize()
	options.Devices = c.Devices
	if err := training.CheckDevices(options.Backend, c.Devices, spec.BatchSize); err != nil {
		return nil, usageError{fmt.Errorf("--devices: %w", err)}
	}
	result, err := experiment.Run(ctx, spec, options)
	if errors.Is(err, datasets.ErrNotFound) || errors.Is(err, registry.ErrUnknown) {
		return nil, usageError{err}
	}
	if errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%w: the same command goes on from the checkpoint", err)
	}
	if spoiled, ok := errors.AsType[*training.NotFiniteError](err); ok && spoiled.Checkpoint > 0 {
		return nil, fmt.Errorf("%w: the same command with --continue-with-learning-rate RATE goes on from it", err)
	}
	return result, err
}

// scheduleDrops and borderBlack are the names of the schedule and of the border that specs leave out.
const scheduleDrops, borderBlack = "drops", "black"

// spec puts the flags over the paper's values.
func (c *runCommand) spec() record.Spec {
	spec := experiment.Defaults(cmp.Or(c.Dataset, c.Data, "synthetic"), c.Model, c.Loss, c.Epochs)
	spec.OutOfDistribution, spec.DType = c.OOD, c.DType
	spec.ImageSize, spec.LearningRate, spec.WeightDecay = c.Size, c.LearningRate, c.WeightDecay
	if c.BatchSize != 0 {
		spec.BatchSize = c.BatchSize
	}
	if c.Drops != nil {
		spec.LearningRateDrops = c.Drops
	}
	spec.Momentum, spec.Nesterov = c.Momentum, c.Momentum > 0
	spec.LabelSmoothing, spec.KeepBest, spec.FreezeBackbone = c.Smoothing, c.Best, c.FreezeBackbone
	if spec.WarmUp = c.Warmup; c.Schedule != scheduleDrops {
		spec.Schedule, spec.LearningRateDrops = c.Schedule, c.Drops
	}
	spec.Augment, spec.Seed = c.Augment, c.Seed
	if c.Border != borderBlack {
		spec.Border = c.Border
	}
	spec.TrainLimit, spec.TestLimit, spec.DiagnosticImages = c.TrainLimit, c.TestLimit, c.Diagnostic
	spec.Protocol, spec.ValidationShare = record.Protocol(c.Protocol), c.ValidationShare
	spec.HeldOutBeyondLimit, spec.HoldOutClasses = c.BeyondLimit, c.HoldOutClasses
	spec.CalibrationCriterion, spec.Convention = c.Criterion, c.Convention
	return spec
}

// openBackend opens the backend and writes to the log which and why.
func openBackend(config string, log func(string)) (opened compute.Backend, choice backend.Choice, err error) {
	opened, choice, err = backend.Open(config)
	if err == nil && log != nil {
		log(choice.Reason)
		if choice.Notice != "" {
			log(choice.Notice)
		}
	}
	return opened, choice, err
}

// progress is a bar on a terminal and lines elsewhere.
func progress(t terminal) training.Watcher {
	if t.isTerminal() {
		return training.Bar(t.err)
	}
	return training.Lines(t.err)
}

// checkPath refuses a path that was given and is not there.
func checkPath(flag, path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return usageError{fmt.Errorf("%s %s: there is no such file or folder", flag, path)}
	}
	return nil
}
