// Package record holds the results record: the one JSON file that a run leaves behind, from which every table and
// plot is made. It knows neither how a run is made nor how it is shown. Start with [Record].
package record

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// FormatVersion is written into every record; [Read] refuses records of another version.
const FormatVersion = 2

// FileName is the name of the record inside a run's folder.
const FileName = "record.json"

// Record is what one run measured, with all that is needed to repeat it, to show it, and to make a detector of it
// without its images.
type Record struct {
	Format   int       `json:"format"`
	Created  time.Time `json:"created"`
	Spec     Spec      `json:"spec"`
	Versions Versions  `json:"versions"`
	Backend  Backend   `json:"backend"`
	Data     Data      `json:"data"`
	Model    Model     `json:"model"`
	Loss     Loss      `json:"loss"`
	Epochs   []Epoch   `json:"epochs"`
	// OutputsOnly reports that only outputs of a model that was trained elsewhere were evaluated: no training was seen.
	// The model's name is then what its user called it, the loss is unknown, and whatever describes training is empty.
	OutputsOnly bool `json:"outputs_only,omitempty"`
	// StoppedEarly reports whether training ended before the spec's number of epochs because it was told to. Package
	// experiment tells no run to; a program that trains and writes its record itself may.
	StoppedEarly bool `json:"stopped_early,omitempty"`

	// Collected reports whether the folder holds the record and the logits alone, compressed: no checkpoint, no features
	// and no states of scores. Histograms and ROC curves are then kept of the scores that go with the loss.
	Collected bool `json:"collected,omitempty"`

	// Members are the seeds of the runs that an ensemble averages. Nil for a run.
	Members []int64 `json:"members,omitempty"`

	// Converted says what became of the detection in a copy by another convention than the run's. Nil for a run.
	Converted *Conversion `json:"converted,omitempty"`

	// HeldOut says what the images served that were held out of training.
	HeldOut HeldOutUse `json:"held_out"`
	// Outputs are the files of what the network answered, one entry for each set of images, in the run's folder.
	Outputs []Outputs `json:"outputs"`
	// Fitted are the states of the scores that were fitted on outputs of the training images.
	Fitted []Fitted `json:"fitted,omitempty"`

	// Test holds the metrics on the in-distribution test set.
	Test Test `json:"test"`
	// OutOfDistribution holds one entry per out-of-distribution set, in the order of the spec.
	OutOfDistribution []OutOfDistribution `json:"out_of_distribution"`

	// InferenceImagesPerSecond is the speed of the forward pass over the in-distribution test images, without reading
	// them and without compiling the graph. 0: not measured.
	InferenceImagesPerSecond float64 `json:"inference_images_per_second"`

	// TrainSeconds is the wall-clock time of all training steps, those of all sessions of a resumed run, without what is
	// done between them: validation, diagnostics and checkpoints.
	TrainSeconds float64 `json:"train_seconds"`
	// TotalSeconds is the wall-clock time of the last session, from its start to this record, and of the training steps of
	// earlier ones. In older records it is that without what was done between the steps.
	TotalSeconds float64 `json:"total_seconds"`
	// Resumed counts how often the run was continued from a checkpoint.
	Resumed int `json:"resumed"`
	// Compilations counts all graphs that were compiled over the last session: those of training, evaluation and scores.
	Compilations Compilations `json:"compilations"`

	// Unknown holds the fields that this version does not know, of a record that a later one wrote. They are kept when
	// the record is written again.
	Unknown map[string]json.RawMessage `json:"-"`
}

// Loss describes the loss that trained the network, as reports call it.
type Loss struct {
	Name       string             `json:"name"`
	Title      string             `json:"title"`
	Parameters map[string]float64 `json:"parameters,omitempty"` // {"alpha": 1}
	// Scores are the names of the scores that go with the loss; the first is the one that reports show. All of them
	// are among those of OutOfDistribution.
	Scores []string `json:"scores"`
}

// HeldOutUse says what the held-out images served. Whoever fits thresholds on the same images may do so only if no choice
// changed the network's raw logits: a temperature does not, the best of several epochs does.
type HeldOutUse struct {
	Images int `json:"images"`
	// Choices are what was chosen on them: "temperature", "best epoch", "early stop".
	Choices []string `json:"choices"`
}

// Outputs names the files of what the network answered on one set of images, relative to the run's folder. A file whose
// name ends with ".gz" is compressed by gzip.
type Outputs struct {
	Set    string `json:"set"`              // "test", "validation", or the name of an out-of-distribution set
	Logits File   `json:"logits"`           // NumPy, float [images, classes], raw: before any temperature
	Labels *File  `json:"labels,omitempty"` // NumPy, int32 [images]; none for a set without labels
	// Features are NumPy, float32 [images, features]; they are kept of the validation images where a score needs them.
	Features *File `json:"features,omitempty"`
}

// Fitted names the files of a score's state.
type Fitted struct {
	Score string          `json:"score"`
	State map[string]File `json:"state"` // NumPy arrays, by their names
}

// File identifies a file.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // of its bytes, in hexadecimal digits
}

// Compilations counts compiled graphs. Their time is that of the backend's compiler alone, without the building of the
// graphs and without their first execution.
type Compilations struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
}

// Spec is everything the user chose: the same spec, backend and versions give the same losses.
type Spec struct {
	Dataset           string   `json:"dataset"`
	OutOfDistribution []string `json:"out_of_distribution"`
	Model             string   `json:"model"`
	Loss              string   `json:"loss"`
	DType             string   `json:"dtype,omitempty"` // of the convolutions: "bfloat16"; empty is float32
	Seed              int64    `json:"seed"`
	Epochs            int      `json:"epochs"`
	BatchSize         int      `json:"batch_size"`
	LearningRate      float64  `json:"learning_rate"`
	LearningRateDrops []int    `json:"learning_rate_drops"` // epochs, from 0, at whose start the rate is divided by 10
	// LearningRateChanges are where training went on at another rate, after it had failed at the former one.
	LearningRateChanges RateChanges `json:"learning_rate_changes,omitempty"`
	Momentum            float64     `json:"momentum"`
	Nesterov            bool        `json:"nesterov"`
	WeightDecay         float64     `json:"weight_decay"`
	Augment             bool        `json:"augment"`
	// Border is the colour that crops reach into: "mean" for the mean of the normalization, so 0 after it, as where images
	// are normalized before they are cropped; "" for black, as in the paper.
	Border          string  `json:"border,omitempty"`
	TrainLimit      int     `json:"train_limit"`      // images, 0: all
	TestLimit       int     `json:"test_limit"`       // images of each test and out-of-distribution set, 0: all
	ValidationShare float64 `json:"validation_share"` // of the training images, held out to fit the temperature
	// HeldOutBeyondLimit draws the held-out images from those that TrainLimit leaves out, so that all of it is trained
	// on, as the paper does; ValidationShare is then a share of the limit.
	HeldOutBeyondLimit bool `json:"held_out_beyond_limit,omitempty"`
	// ImageSize is the height and width, in pixels, that images of the user's own are resized to; 0 is the model's.
	ImageSize int `json:"image_size,omitempty"`
	// Schedule is "cosine" for a learning rate that falls along half a cosine to 0, and "" for one that drops at epochs.
	// WarmUp is over how many epochs it rises to LearningRate first.
	Schedule string `json:"schedule,omitempty"`
	WarmUp   int    `json:"warm_up,omitempty"`
	// LabelSmoothing is the share of the target that all classes get alike; see dismaxlib.SmoothLabels.
	LabelSmoothing float64 `json:"label_smoothing,omitempty"`
	// KeepBest takes the weights of the epoch with the smallest loss on the held-out images, not of the last.
	KeepBest bool `json:"keep_best,omitempty"`
	// DiagnosticImages is on how many test images, and images of each out-of-distribution set, the network is measured
	// after every epoch, for [Diagnostic]; 0 is none. Training does not depend on it, but goes on only from the checkpoint
	// of a run with the same number.
	DiagnosticImages int `json:"diagnostic_images,omitempty"`
	// InitialWeights names the file or run that the backbone's first weights come from, with their checksum; "" is drawn
	// at random. FreezeBackbone trains the head alone.
	InitialWeights string `json:"initial_weights,omitempty"`
	FreezeBackbone bool   `json:"freeze_backbone,omitempty"`
	// HoldOutClasses are classes of the data set, by name or number, of which no image is trained on; their test images
	// are an out-of-distribution set.
	HoldOutClasses       []string `json:"hold_out_classes,omitempty"`
	Protocol             Protocol `json:"protocol"`
	CalibrationBins      int      `json:"calibration_bins"`
	CalibrationCriterion string   `json:"calibration_criterion"` // "ece" or "nll"
	Convention           string   `json:"convention"`            // of the detection metrics: "paper" or "field"
}

// RateChanges are changes of the learning rate, ascending by their steps.
type RateChanges []RateChange

// RateChange is a step from which on the learning rate is another, and later drops divide that one.
type RateChange struct {
	Step int     `json:"step"` // the first at the new rate, counted from 0 over all epochs
	Rate float64 `json:"learning_rate"`
}

// String writes the changes as "0.01 from step 120, 0.001 from step 300"; "" if there is none.
func (c RateChanges) String() string {
	var texts []string
	for _, change := range c {
		texts = append(texts, fmt.Sprintf("%g from step %d", change.Rate, change.Step))
	}
	return strings.Join(texts, ", ")
}

// Protocol says on which images the temperature was fitted.
type Protocol string

const (
	// HeldOut fits the temperature on a validation split that was not trained on.
	HeldOut Protocol = "held-out"
	// Paper fits the temperature on the test set, as the paper's published code does.
	Paper Protocol = "paper"
)

// Versions names the software that ran.
type Versions struct {
	DisMax  string `json:"dismax"` // module version or VCS revision, "+dirty" when the tree was changed
	Go      string `json:"go"`
	GoMLX   string `json:"gomlx"`
	Compute string `json:"compute"`
	GoXLA   string `json:"go_xla"`
	SIMD    bool   `json:"simd"` // whether the binary was built with GOEXPERIMENT=simd
}

// Backend names what computed.
type Backend struct {
	Name        string `json:"name"`              // "goconv", "xla:cuda", …
	Description string `json:"description"`       // the backend's own words
	Device      string `json:"device"`            // processor or accelerator
	Devices     int    `json:"devices,omitempty"` // how many of them; 0 in records that do not say
	Cores       int    `json:"cores"`
	// Instructions is the instruction set that computed, "AVX-512" or "AVX2": losses differ from the fifth digit
	// between them. "" where the backend does not say.
	Instructions string `json:"instructions,omitempty"`
	// TF32 is what may have rounded its float32 operands to the 10 bits of TF32, as GPUs do unless they are told not to:
	// "products and convolutions", "products", "convolutions", or "off". "" where nothing does that.
	TF32 string `json:"tf32,omitempty"`
}

// Data identifies the images that were used.
type Data struct {
	Train      Set `json:"train"`
	Validation Set `json:"validation"`
	Test       Set `json:"test"`
}

// Set identifies one set of images.
type Set struct {
	Name   string `json:"name"`
	Title  string `json:"title"` // as in a table
	Found  string `json:"found"` // what was opened: the base name of a file or folder, or "synthetic"
	Images int    `json:"images"`
	SHA256 string `json:"sha256"` // of the decoded pixels and labels, in order
	// Format says what the image files were: "JPEG 4:2:0", "PNG", or "" where there were none.
	Format string `json:"format,omitempty"`
}

// Model describes the backbone, its head and the images that it takes.
type Model struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`      // as in a table
	Parameters int      `json:"parameters"` // trainable, head included
	Features   int      `json:"features"`
	Classes    int      `json:"classes"`
	ClassNames []string `json:"class_names"` // [Classes]

	Height   int `json:"height"` // of the images, in pixels
	Width    int `json:"width"`
	Channels int `json:"channels"`
	// Mean and Std are the normalization of each channel, on pixel values from 0 to 1: (pixel/255 - Mean) / Std.
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`

	// WeightsSHA256 identifies the network's variables after training: their paths, shapes and values.
	WeightsSHA256 string `json:"weights_sha256"`
}

// Epoch is one pass over the training images.
type Epoch struct {
	LearningRate    float64 `json:"learning_rate"`
	Loss            float64 `json:"loss"` // mean training loss over the epoch
	Seconds         float64 `json:"seconds"`
	ImagesPerSecond float64 `json:"images_per_second"`
	// Validation is how the network did on the held-out images after the epoch; nil where none were held out.
	Validation *Validation `json:"validation,omitempty"`
	// Diagnostic shows how training went; nil where the spec asks for none.
	Diagnostic *Diagnostic `json:"diagnostic,omitempty"`
}

// Validation holds the metrics on the held-out images after an epoch.
type Validation struct {
	Loss     float64 `json:"loss"` // mean, in evaluation mode
	Accuracy float64 `json:"accuracy"`
}

// Diagnostic holds metrics on test images and unknown ones after an epoch, in evaluation mode, at temperature 1 and in the
// spec's convention. They are there to be looked at: nothing was chosen by them, and whoever chooses an epoch by them has no test images left.
type Diagnostic struct {
	Images     int                   `json:"images"` // of the test set; of the others as many, or all
	Accuracy   float64               `json:"accuracy"`
	Detections []DiagnosticDetection `json:"detections"` // by set, then by score
}

// DiagnosticDetection is how well a score told the test images from those of a set.
type DiagnosticDetection struct {
	Set   string  `json:"set"`
	Score string  `json:"score"`
	AUROC float64 `json:"auroc"`
}

// Test holds the metrics on the in-distribution test set.
type Test struct {
	Accuracy    float64     `json:"accuracy"`
	Temperature float64     `json:"temperature"` // fitted; 1 is used before calibration
	Before      Calibration `json:"before"`      // at temperature 1
	After       Calibration `json:"after"`       // at the fitted temperature
	// AfterPaper is what protocol "paper" says of the same network, whose temperature it fits on these very images. Nil
	// where that is the protocol, and Temperature and After say it.
	AfterPaper *Fit `json:"after_paper,omitempty"`
	// Intervals are those of the metrics above; nil where none were computed.
	Intervals *TestIntervals `json:"intervals,omitempty"`
}

// Interval is a 95% confidence interval by bootstrap over the images. It says nothing of other trainings.
type Interval struct {
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
}

// TestIntervals holds the intervals of [Test].
type TestIntervals struct {
	Accuracy Interval             `json:"accuracy"`
	Before   CalibrationIntervals `json:"before"`
	After    CalibrationIntervals `json:"after"`
}

// CalibrationIntervals holds the intervals of [Calibration].
type CalibrationIntervals struct {
	NLL   Interval `json:"nll"`
	Brier Interval `json:"brier"`
	ECE   Interval `json:"ece"`
	MCE   Interval `json:"mce"`
}

// Fit is a temperature with what it makes of the test set.
type Fit struct {
	Temperature float64 `json:"temperature"`
	Calibration
}

// Calibration holds the metrics that a temperature changes.
type Calibration struct {
	NLL         float64          `json:"nll"`
	Brier       float64          `json:"brier"`
	ECE         float64          `json:"ece"`
	MCE         float64          `json:"mce"`
	Reliability []ReliabilityBin `json:"reliability"`
}

// ReliabilityBin is one bin (Lower, Upper] of a reliability diagram. An empty bin has Count 0 and zeros.
type ReliabilityBin struct {
	Lower      float64 `json:"lower"`
	Upper      float64 `json:"upper"`
	Count      int     `json:"count"`
	Confidence float64 `json:"confidence"` // mean largest probability
	Accuracy   float64 `json:"accuracy"`
}

// HeldOutClassesSet is the name of the out-of-distribution set of the classes that [Spec.HoldOutClasses] names. A spec
// does not list it among its sets.
const HeldOutClassesSet = "held-out-classes"

// OutOfDistribution holds the detection results on one out-of-distribution set.
type OutOfDistribution struct {
	Set    Set         `json:"set"`
	Scores []Detection `json:"scores"`
	// Floor is the result of a score that asks no network: minus the compressed size of the image. Nil in records that
	// do not hold it.
	Floor *Detection `json:"floor,omitempty"`
}

// Conversion is what showing the detection of a run by another convention took.
type Conversion struct {
	From    string   `json:"from"`     // the convention of the run
	LeftOut []string `json:"left_out"` // the scores, and the floor, that could not be measured anew
}

// LeaveOut adds the score, once.
func (c *Conversion) LeaveOut(score string) {
	if !slices.Contains(c.LeftOut, score) {
		c.LeftOut = append(c.LeftOut, score)
	}
}

// Detection holds the results of one score. Scores are computed from raw logits, before any temperature; a larger score
// is more in-distribution. Rates are shares in [0, 1].
type Detection struct {
	Score string `json:"score"` // "MPS", "MMLES", …
	Title string `json:"title"` // the words behind it
	// Parameters are those of the score, {"temperature": 1000}; nil where it has none.
	Parameters map[string]float64 `json:"parameters,omitempty"`

	AUROC             float64 `json:"auroc"`
	AUPRIn            float64 `json:"aupr_in"`
	AUPROut           float64 `json:"aupr_out"`
	FPR95             float64 `json:"fpr95"`
	TNR95             float64 `json:"tnr95"`
	DetectionAccuracy float64 `json:"detection_accuracy"`
	// Convention names the definitions behind the numbers.
	Convention string     `json:"convention"`
	Histogram  Histogram  `json:"histogram"`
	ROC        []ROCPoint `json:"roc"` // thinned to at most 200 points
	// Intervals are those of the metrics above; nil where none were computed.
	Intervals *DetectionIntervals `json:"intervals,omitempty"`
}

// DetectionIntervals holds the intervals of [Detection].
type DetectionIntervals struct {
	AUROC             Interval `json:"auroc"`
	AUPRIn            Interval `json:"aupr_in"`
	AUPROut           Interval `json:"aupr_out"`
	FPR95             Interval `json:"fpr95"`
	TNR95             Interval `json:"tnr95"`
	DetectionAccuracy Interval `json:"detection_accuracy"`
}

// Histogram counts in- and out-of-distribution scores in shared bins. len(Edges) = len(In) + 1 = len(Out) + 1.
type Histogram struct {
	Edges []float64 `json:"edges"`
	In    []int     `json:"in"`
	Out   []int     `json:"out"`
}

// ROCPoint is one point of the ROC curve with in-distribution as the positive class.
type ROCPoint struct {
	FalsePositiveRate float64 `json:"fpr"`
	TruePositiveRate  float64 `json:"tpr"`
}

// Files returns all files that the record names.
func (r *Record) Files() []File {
	var files []File
	for _, outputs := range r.Outputs {
		files = append(files, outputs.Logits)
		for _, file := range []*File{outputs.Labels, outputs.Features} {
			if file != nil {
				files = append(files, *file)
			}
		}
	}
	for _, fitted := range r.Fitted {
		for _, name := range slices.Sorted(maps.Keys(fitted.State)) {
			files = append(files, fitted.State[name])
		}
	}
	return files
}
