package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/internal/compilations"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// Options say where a run finds its images, where it leaves its results and who watches. Backend and Choice come from
// [backend.Open].
type Options struct {
	Backend compute.Backend
	Choice  backend.Choice
	// Devices is on how many of the backend's devices to train; see [training.Config.Devices]. The results do not depend
	// on it, up to rounding, nor does the spec: a run may go on with another number.
	Devices int

	// Dataset, if not nil, is what to learn, in place of the set that the spec names; OutOfDistribution, if not nil,
	// are the sets to test against, in place of those that it names. The spec gets their names, which must differ from
	// each other and be none of "test" and "validation".
	Dataset           *datasets.Dataset
	OutOfDistribution []*datasets.Dataset

	// Data is the folder or file of the images; see [datasets.Options].
	Data string
	// Offline forbids to download the sets that the spec names; DownloadProgress, if not nil, follows a download.
	Offline          bool
	DownloadProgress func(datasets.Progress)
	// Folder receives the record, the logits and the checkpoint; it is made if need be. A run that was interrupted is
	// continued from its folder's checkpoint.
	Folder string
	// ContinueWithLearningRate, if not 0, goes on from the folder's checkpoint at another learning rate; the record's
	// spec says so. See [training.Config.ContinueAtRate].
	ContinueWithLearningRate float64
	// MemoryLimit bounds the memory that one file of images may take; see [datasets.Options].
	MemoryLimit int64
	// Again evaluates a finished run anew. Without it a finished run is left alone.
	Again bool

	// Scores are those to measure beside those of the loss; nil stands for all that are registered. Those that are not
	// defined for the loss's head are left out, and the log says so.
	Scores []*dismaxlib.Score

	// AdaptBatch makes batches smaller than the spec says where there are few images, and says so in the log and the
	// record.
	AdaptBatch bool

	// Weights, if not "", is where the backbone's first weights come from: the folder of a run, or a .safetensors file,
	// as [BackboneWeights] reads them. The head is new.
	Weights string

	// Watchers follow the training, Progress the rest, and Log takes the lines that a user should see. All may be nil.
	Watchers []training.Watcher
	Progress func(Progress)
	Log      func(line string)
}

// check returns what is wrong with the options themselves.
func (o *Options) check() error {
	switch {
	case o.Backend == nil || o.Folder == "":
		return errors.New("options without Backend or Folder: both must be set")
	case slices.Contains(o.OutOfDistribution, nil):
		return errors.New("one of Options.OutOfDistribution is nil")
	case slices.Contains(o.Scores, nil):
		return errors.New("one of Options.Scores is nil")
	}
	return checkSetNames(namesOf(o.OutOfDistribution))
}

// run is an experiment under way.
type run struct {
	options Options
	spec    record.Spec
	images  *images
	network *network.Network
	store   *model.Store
	graphs  *compilations.Backend // the options' backend, which is used through it
	folder  fs.FileInfo           // of the results' folder, to know it again
	former  *record.Record        // of the folder's finished run; nil if there is none
	record  *record.Record

	written     []string // names of arrays in the folder, in lower case and without their suffix
	outputsOnly bool     // whether it evaluates outputs that were given
	doing       string   // what passing images through the network is reported as; "" is not reported

	scores  []*dismaxlib.Score
	forward *network.Forward // nil until the network has variables

	diagnosed []*dismaxlib.Score // the scores that are measured after every epoch
	diagnosis *network.Scorer    // of these; nil if the spec asks for none
}

// Run runs the experiment that the spec describes and returns its record, which is also written to the folder, as
// [record.FileName], when all is done and not before. A context that ends stops the training at the next step, with a
// checkpoint from which the same call goes on.
//
// A run that is finished is left alone: its record is returned as it is. A folder that holds the record of another run
// is refused, and so is one that another run is at work in. Nothing in the folder is removed before what replaces it is
// complete.
func Run(ctx context.Context, spec record.Spec, options Options) (r *record.Record, err error) {
	start := time.Now()
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	if options.Dataset != nil {
		spec.Dataset = options.Dataset.Name
	}
	if options.OutOfDistribution != nil {
		spec.OutOfDistribution = namesOf(options.OutOfDistribution)
	}
	if err := Check(spec); err != nil {
		return nil, err
	}
	if err := training.CheckDevices(options.Backend, options.Devices, spec.BatchSize); err != nil {
		return nil, err
	}
	e := &run{options: options, spec: canonical(spec), store: model.NewStore()}
	e.graphs = compilations.Count(options.Backend)
	e.options.Backend = e.graphs
	if err := e.takeWeights(); err != nil {
		return nil, err
	}
	e.takeAdaptedBatch()
	if done, err := e.leftAlone(); done != nil || err != nil {
		return done, err
	}
	if err := e.prepare(ctx); err != nil {
		return nil, err
	}
	lock, err := e.lockFolder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if done, err := e.leftAlone(); done != nil || err != nil { // of a run that ended meanwhile
		return done, err
	}
	history, err := e.train(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.takeBest(); err != nil {
		return nil, err
	}
	if err := e.begin(history); err != nil {
		return nil, err
	}
	if err := e.evaluate(ctx); err != nil {
		return nil, err
	}
	for _, graph := range e.graphs.Graphs() {
		e.record.Compilations.Count++
		e.record.Compilations.Seconds += graph.Took.Seconds()
	}
	e.record.Created = time.Now().UTC().Truncate(time.Second)
	e.record.TotalSeconds = history.SecondsBefore + time.Since(start).Seconds()
	return e.record, e.finish()
}

// leftAlone takes the folder's finished run as the former one, and returns its record if there is nothing to do.
func (e *run) leftAlone() (done *record.Record, err error) {
	e.former, err = finished(e.options.Folder, e.spec, e.options)
	if err != nil || e.former == nil || e.options.Again {
		return nil, err
	}
	e.log("finished already, on %s: its record is left as it is", e.former.Created.Format("2006-01-02 15:04 MST"))
	return e.former, nil
}

// takeAdaptedBatch takes the size of batches that the folder's finished run adapted to its images.
func (e *run) takeAdaptedBatch() {
	former, err := record.Read(filepath.Join(e.options.Folder, record.FileName))
	if err == nil && e.options.AdaptBatch && former.Spec.BatchSize < e.spec.BatchSize {
		e.spec.BatchSize = former.Spec.BatchSize
	}
}

// prepare opens the images and puts the network together.
func (e *run) prepare(ctx context.Context) error {
	e.report(Progress{Doing: "reading " + e.spec.Dataset})
	sets, err := e.open(ctx)
	e.report(Progress{})
	if err != nil {
		return err
	}
	e.images = sets
	if err := e.build(); err != nil {
		return err
	}
	if err := e.store.SetRNGStateFromSeed(e.spec.Seed); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	return nil
}

// checkFolder makes sure that the folder is the one that the checkpoint is in: if somebody removed it, results that are
// written under its name are half a run.
func (e *run) checkFolder() error {
	info, err := os.Stat(e.options.Folder)
	if err == nil && !os.SameFile(info, e.folder) {
		err = errors.New("it is another folder than at the start")
	}
	if err == nil && !e.outputsOnly {
		_, err = os.Stat(filepath.Join(e.options.Folder, checkpointFolder))
	}
	if err != nil {
		return fmt.Errorf("the folder %s was removed or replaced during the run, and its checkpoint with it: run again "+
			"into a folder that stays: %w", e.options.Folder, err)
	}
	return nil
}

// build puts the network together that the spec names, for the images.
func (e *run) build() error {
	architecture, err := models.ByName(e.spec.Model)
	if err != nil {
		return err
	}
	loss, err := dismaxlib.LossByName(e.spec.Loss)
	if err != nil {
		return err
	}
	dtype, err := models.DTypeByName(e.spec.DType)
	if err != nil {
		return err
	}
	e.network = &network.Network{
		Model: architecture, Loss: loss, ClassNames: e.images.Classes,
		Height: e.images.Train.Height, Width: e.images.Train.Width,
		Mean: e.images.Mean, Std: e.images.Std, DType: dtype, FrozenBackbone: e.spec.FreezeBackbone,
	}
	if err := e.fitWeights(); err != nil {
		return err
	}
	e.scores = e.scoresOf(loss)
	return e.network.Check()
}

// scoresOf returns the scores to measure: those of the options and those of the loss, as far as they apply to it.
func (e *run) scoresOf(loss *dismaxlib.Loss) []*dismaxlib.Score {
	wanted := e.options.Scores
	if wanted == nil {
		wanted = dismaxlib.Scores(dismaxlib.AllNeeds)
	}
	var measured []*dismaxlib.Score
	var leftOut []string
	names := map[string]bool{}
	for _, score := range slices.Concat(wanted, loss.Scores) {
		if names[score.Name] {
			continue
		}
		names[score.Name] = true
		if !score.AppliesTo(loss) {
			leftOut = append(leftOut, score.Name)
			continue
		}
		measured = append(measured, score)
	}
	if len(leftOut) > 0 {
		e.log("not measured, since they are not defined for this loss's head: %s", strings.Join(leftOut, ", "))
	}
	return measured
}

func (e *run) log(format string, args ...any) {
	if e.options.Log != nil {
		e.options.Log(fmt.Sprintf(format, args...))
	}
}
