package experiment_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/tensors"
)

// answersOfRun are what a run kept of one of its sets.
func answersOfRun(t *testing.T, folder, set string) experiment.Answers {
	t.Helper()
	logits, labels, err := experiment.LoadLogits(folder, set)
	if err != nil {
		t.Fatal(err)
	}
	return experiment.Answers{Name: set, Labels: labels,
		Logits: tensors.FromFlatDataAndDimensions(logits.Values, logits.Rows(), logits.Classes)}
}

func TestOutputsThatAreGivenAreMeasuredAsTheirRunWas(t *testing.T) {
	folder, was := smallRun(t, "softmax", record.HeldOut)
	validation := answersOfRun(t, folder, "validation")
	given := experiment.Given{
		Model: "a network of another framework", Test: answersOfRun(t, folder, "test"), Validation: &validation,
		Convention: metrics.PaperConvention,
	}
	for _, name := range was.Spec.OutOfDistribution {
		given.OutOfDistribution = append(given.OutOfDistribution, answersOfRun(t, folder, name))
	}
	out := t.TempDir()
	var log []string
	options := experiment.Options{Backend: testkit.Backend(t), Folder: out, Scores: dismaxlib.Scores(0),
		Log: func(line string) { log = append(log, line) }}
	is, err := experiment.Evaluate(t.Context(), given, options)
	if err != nil {
		t.Fatal(err)
	}
	if !is.OutputsOnly || is.Spec.Loss != "unknown" || len(is.Epochs) != 0 || is.Model.Title != given.Model {
		t.Errorf("the record is of %+v, outputs only: %t, want one that saw no training", is.Spec, is.OutputsOnly)
	}
	checkSameMeasurements(t, was, is)
	if findings, err := experiment.Verify(out); err != nil || len(findings) < 5 {
		t.Errorf("verifying gives %v and %v, want a finding for each file", findings, err)
	} else {
		for _, finding := range findings {
			if finding.Err != nil {
				t.Errorf("verifying %s: %v", finding.What, finding.Err)
			}
		}
	}
	if _, err := experiment.Evaluate(t.Context(), given, options); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("evaluating into the same folder: error %v, want a refusal", err)
	}
	options.Again = true
	if _, err := experiment.Evaluate(t.Context(), given, options); err != nil {
		t.Errorf("evaluating again: %v", err)
	}
	options.Folder = folder
	if _, err := experiment.Evaluate(t.Context(), given, options); err == nil || !strings.Contains(err.Error(), "of a training") {
		t.Errorf("evaluating into the folder of a training: error %v, want a refusal", err)
	}
}

// checkSameMeasurements compares all metrics but the intervals, which must hold the AUROC.
func checkSameMeasurements(t *testing.T, was, is *record.Record) {
	t.Helper()
	test := is.Test
	test.Intervals = nil
	if !reflect.DeepEqual(test, was.Test) {
		t.Errorf("the test set measures %+v, want %+v", test, was.Test)
	}
	if i := is.Test.Intervals; i == nil || !(i.Accuracy.Lower < test.Accuracy && test.Accuracy < i.Accuracy.Upper) {
		t.Errorf("the interval of the accuracy %g is %+v", test.Accuracy, is.Test.Intervals)
	}
	for i, out := range is.OutOfDistribution {
		for _, detection := range out.Scores {
			if d := detection.Intervals; d == nil || d.AUROC.Lower > detection.AUROC || d.AUROC.Upper < detection.AUROC {
				t.Errorf("%s: the interval of the AUROC %g is %+v", detection.Score, detection.AUROC, d)
			}
			detection.Intervals = nil
			for _, former := range was.OutOfDistribution[i].Scores {
				if former.Score == detection.Score && !reflect.DeepEqual(detection, former) {
					t.Errorf("%s on %s measures %+v, want %+v", detection.Score, out.Set.Name, detection, former)
				}
			}
		}
	}
}

// linear makes outputs of a linear layer without bias, of features that differ between rows.
func linear(rows int, shift float64) experiment.Answers {
	const classes, width = 3, 4
	features, logits, labels := make([]float64, rows*width), make([]float64, rows*classes), make([]int32, rows)
	for i := range rows {
		labels[i] = int32(i % classes)
		for j := range width {
			features[i*width+j] = shift + float64((i*7+j*3)%11)/10
			if j == i%classes {
				features[i*width+j] += 1
			}
		}
		copy(logits[i*classes:(i+1)*classes], features[i*width:])
	}
	return experiment.Answers{
		Logits:   tensors.FromFlatDataAndDimensions(logits, rows, classes),
		Features: tensors.FromFlatDataAndDimensions(features, rows, width), Labels: labels,
	}
}

func TestEveryScoreIsMeasuredOfOutputsThatAllowIt(t *testing.T) {
	posthoc.Register()
	train, out := linear(120, 0), linear(60, 0.4)
	out.Name, out.Labels = "shifted", nil
	given := experiment.Given{
		Test: linear(60, 0.1), Training: &train, OutOfDistribution: []experiment.Answers{out}, Convention: metrics.FieldConvention,
		HeadWeights: tensors.FromValue([][]float64{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}),
		HeadBias:    tensors.FromValue([]float64{0, 0, 0}),
	}
	r, err := experiment.Evaluate(t.Context(), given, experiment.Options{Backend: testkit.Backend(t), Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]bool{}
	for _, detection := range r.OutOfDistribution[0].Scores {
		measured[detection.Score] = true
	}
	for _, score := range append(posthoc.Scores(), dismaxlib.Scores(0)...) {
		if !measured[score.Name] {
			t.Errorf("%s was not measured", score.Name)
		}
	}
	if r.Spec.Protocol != record.Paper {
		t.Errorf("without held-out outputs the protocol is %s, want %s, which fits on the test set", r.Spec.Protocol, record.Paper)
	}
}

func TestOutputsThatDoNotFitTogetherAreRefused(t *testing.T) {
	probabilities := tensors.FromValue([][]float32{{0.5, 0.25, 0.25}, {0.1, 0.9, 0}})
	for says, change := range map[string]func(*experiment.Given){
		"no logits of the test set": func(g *experiment.Given) { g.Test.Logits = nil },
		"labels of test are missing": func(g *experiment.Given) {
			g.Test.Labels = nil
		},
		"59 entries for 60 rows":     func(g *experiment.Given) { g.Test.Labels = g.Test.Labels[1:] },
		"want a class from 0 to 2":   func(g *experiment.Given) { g.Test.Labels[3] = 3 },
		"are probabilities":          func(g *experiment.Given) { g.OutOfDistribution[0].Logits = probabilities },
		"of 2 classes, those of the": func(g *experiment.Given) { g.OutOfDistribution[0].Logits = tensors.FromValue([][]float32{{1, 2}}) },
		"is named \"test\"":          func(g *experiment.Given) { g.OutOfDistribution[0].Name = "test" },
		"features of out":            func(g *experiment.Given) { g.OutOfDistribution[0].Features = tensors.FromValue([][]float32{{1}}) },
		"one of them is missing":     func(g *experiment.Given) { g.HeadBias = tensors.FromValue([]float32{1, 2, 3}) },
		"the weights of the head are (Float64)[2, 4], want": func(g *experiment.Given) {
			g.HeadWeights, g.HeadBias = tensors.FromValue([][]float64{{1, 0, 0, 0}, {0, 1, 0, 0}}), tensors.FromValue([]float64{0, 0})
		},
		"(Float64)[4, 3], want": func(g *experiment.Given) {
			g.HeadWeights = tensors.FromValue([][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}})
			g.HeadBias = tensors.FromValue([]float64{0, 0, 0})
		},
		"(Float64)[3, 3], want floats [3 classes, 4 features]": func(g *experiment.Given) {
			g.HeadWeights, g.HeadBias = tensors.FromValue([][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}), tensors.FromValue([]float64{0, 0, 0})
		},
		"the weights of the head are (Int32)": func(g *experiment.Given) {
			g.HeadWeights = tensors.FromValue([][]int32{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}})
			g.HeadBias = tensors.FromValue([]float64{0, 0, 0})
		},
		"the bias of the head is (Float64)[1], want": func(g *experiment.Given) {
			g.HeadWeights, g.HeadBias = tensors.FromValue([][]float64{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}), tensors.FromValue([]float64{0})
		},
		"choose \"paper\" or \"field": func(g *experiment.Given) { g.Convention = 0 },
		"unknown calibration":         func(g *experiment.Given) { g.Criterion = "mse" },
	} {
		out := linear(20, 1)
		out.Name, out.Labels = "out", nil
		given := experiment.Given{Test: linear(60, 0), OutOfDistribution: []experiment.Answers{out}, Convention: metrics.FieldConvention}
		change(&given)
		folder := filepath.Join(t.TempDir(), "new")
		_, err := experiment.Evaluate(t.Context(), given, experiment.Options{Backend: testkit.Backend(t), Folder: folder})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got the error %v, want one that says %q", err, says)
		}
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the folder was made all the same", says)
		}
	}
}
