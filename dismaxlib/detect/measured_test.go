package detect_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// rows are logits of two classes, as a model of any kind answers them.
func rows(logits ...[]float32) *network.Outputs {
	if len(logits) == 0 {
		return &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromShape(shapes.Make(dtypes.Float32, 0, 2))}}
	}
	return &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue(logits)}}
}

// largestLogit returns a detector of outputs that refuses what has no logit of 2 or more.
func largestLogit(t *testing.T) *detect.Detector {
	t.Helper()
	parts := detect.Parts{ClassNames: []string{"yes", "no"}, Score: dismaxlib.MDS}
	d, err := detect.New(testkit.Backend(t), parts, rows([]float32{2, 0}, []float32{3, 0}), detect.Percentile(0))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMeasureCountsRefusedAndRight(t *testing.T) {
	d := largestLogit(t)
	outputs := rows([]float32{3, 0}, []float32{0, 3}, []float32{1, 0}, []float32{2, 0})
	known, err := d.Measure("a set", outputs, []int32{0, 0, 0, 0})
	if want := (detect.Measured{Set: "a set", Known: true, Inputs: 4, Refused: 1, Right: 2}); err != nil || known != want {
		t.Errorf("known set: got %+v (error: %v), want %+v", known, err, want)
	}
	unknown, err := d.Measure("a set", outputs, nil)
	if want := (detect.Measured{Set: "a set", Inputs: 4, Refused: 1}); err != nil || unknown != want {
		t.Errorf("unknown set: got %+v (error: %v), want %+v", unknown, err, want)
	}
	if _, err := d.Measure("a set", outputs, nil); err != nil {
		t.Fatal(err)
	}
	if want := []detect.Measured{known, unknown}; !reflect.DeepEqual(d.Measured(), want) {
		t.Errorf("all that was measured: got %+v, want %+v", d.Measured(), want)
	}
}

func TestWhatWasMeasuredIsALine(t *testing.T) {
	for want, m := range map[string]detect.Measured{
		"5.1% of 1,000 inputs of cifar10 refused, 86.0% named rightly": {Set: "cifar10", Known: true, Inputs: 1000, Refused: 51, Right: 860},
		"25.0% of 4 inputs of svhn refused, 75.0% missed":              {Set: "svhn", Inputs: 4, Refused: 1},
	} {
		if got := m.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMeasureRefusesWhatDoesNotFit(t *testing.T) {
	d := largestLogit(t)
	_, err := d.Measure("", rows([]float32{1, 0}), nil)
	checkError(t, err, "name of the test set")
	_, err = d.Measure("a set", rows([]float32{1, 0}), []int32{0, 1})
	checkError(t, err, "a set", "2 labels for 1 inputs")
	_, err = d.Measure("a set", rows([]float32{1, 0}), []int32{2})
	checkError(t, err, "a set", "labels[0] is 2, want 0 to 1")
	_, err = d.Measure("a set", rows(), nil)
	checkError(t, err, "a set")
	_, err = d.Measure("a set", nil, nil)
	checkError(t, err, "a set", "no outputs")
	if got := d.Measured(); len(got) != 0 {
		t.Errorf("nothing could be measured, and there is %+v", got)
	}
}

func TestTheFileHoldsWhatWasMeasured(t *testing.T) {
	d := largestLogit(t)
	if _, err := d.Measure("a set", rows([]float32{3, 0}, []float32{1, 0}), []int32{0, 0}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "detector.dismax")
	if loaded := savedAndLoaded(t, d, path); !reflect.DeepEqual(loaded.Measured(), d.Measured()) {
		t.Errorf("loaded: got %+v, want %+v", loaded.Measured(), d.Measured())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := detect.Decode(testkit.Backend(t), content)
	if err != nil || !reflect.DeepEqual(decoded.Measured(), d.Measured()) {
		t.Errorf("decoded: got %+v (error: %v), want %+v", decoded.Measured(), err, d.Measured())
	}
	_, err = detect.Decode(testkit.Backend(t), content[1:])
	checkError(t, err, "decoding a detector")
}
