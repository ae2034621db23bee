package golden

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/mat"
)

// posthocFile is posthoc.json: one small problem with a linear head, and what other code makes of it. A larger score of
// the file is more out-of-distribution.
type posthocFile struct {
	Inputs struct {
		W               [][]float64
		B               []float64
		TrainFeatures   [][]float64 `json:"train_features"`
		TrainLabels     []int32     `json:"train_labels"`
		IDFeatures      [][]float64 `json:"id_features"`
		IDLabels        []int32     `json:"id_labels"`
		UnknownFeatures [][]float64 `json:"unknown_features"`
	}
	Methods    []posthocMethod
	OODMetrics map[string]any `json:"ood_metrics"`
	Conformal  struct {
		Alpha        float64
		NCalibration int `json:"n_calibration"`
		K            int
		THR          struct {
			Quantile float64
			posthocSets
		}
		APS struct {
			Quantile          float64
			SetsLE            posthocSets `json:"sets_le"`
			SetsFirstReaching posthocSets `json:"sets_first_reaching"`
		}
	}
	Calibration map[string]struct {
		Value     float64
		Bandwidth float64
		PerClass  []float64 `json:"per_class"`
		Exact     float64   `json:"exact_integral_at_this_bandwidth"`
	}
}

// posthocMethod is a score with its values on the 60 in-distribution and on the 60 unknown rows.
type posthocMethod struct {
	Name   string
	Params map[string]any
	Scores []float64
	AUROC  float64
}

// posthocSets are sets of classes, "0110" for {1, 2}.
type posthocSets struct {
	Sets     []string
	Coverage float64
	Size     float64 `json:"mean_size"`
	Empty    int
}

func readPosthoc(t *testing.T) *posthocFile {
	t.Helper()
	file := new(posthocFile)
	testkit.Golden(t, "posthoc.json", file)
	if len(file.Methods) == 0 {
		t.Fatal("posthoc.json holds no methods")
	}
	return file
}

// logits of features, [rows, classes] in row-major order.
func (f *posthocFile) logits(features [][]float64) []float64 {
	product := mat.NewDense(len(features), len(f.Inputs.B), nil)
	product.Mul(matrix(features), matrix(f.Inputs.W).T())
	product.Apply(func(_, class int, value float64) float64 { return value + f.Inputs.B[class] }, product)
	return product.RawMatrix().Data
}

// outputs are features and logits as a network of float64 gives them.
func (f *posthocFile) outputs(features [][]float64) dismaxlib.Outputs {
	return dismaxlib.Outputs{
		Logits:   tensorOf(f.logits(features), dtypes.Float64, len(features), len(f.Inputs.B)),
		Features: tensors.FromValue(features),
	}
}

// network is the linear head.
func (f *posthocFile) network(t *testing.T) *dismaxlib.Network {
	t.Helper()
	loss, err := dismaxlib.LossByName("softmax")
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	scope := store.RootScope().In(dismaxlib.HeadScope)
	scope.VariableWithValue("weights", f.Inputs.W)
	scope.VariableWithValue("bias", f.Inputs.B)
	return &dismaxlib.Network{Store: store, Head: func(scope *model.Scope, features *Node) *Node {
		return loss.Head(scope, features, len(f.Inputs.B))
	}}
}

// score returns the score that the method is, by a name of its own, and the tolerances of its values.
func (m posthocMethod) score(t *testing.T, at int) (score *dismaxlib.Score, relative, absolute float64) {
	t.Helper()
	number := func(name string) float64 {
		value, ok := m.Params[name].(float64)
		if !ok {
			t.Fatalf("method %s has no number %q in its parameters %v", m.Name, name, m.Params)
		}
		return value
	}
	relative = 1e-9
	switch m.Name {
	case "msp":
		score = dismaxlib.MPS
	case "maxlogit":
		score = dismaxlib.MDS
	case "energy":
		score = dismaxlib.Energy
	case "entropy":
		score = dismaxlib.ES
	case "odin_temperature":
		score, relative = posthoc.ODIN(number("T")), 1e-11
	case "gen":
		score = posthoc.GEN(number("gamma"), int(number("M")))
	case "kl_matching":
		score = posthoc.KLMatching()
	case "mahalanobis":
		score = posthoc.Mahalanobis()
	case "relative_mahalanobis":
		score, absolute = posthoc.RelativeMahalanobis(), 1e-9
	case "knn":
		score = posthoc.KNN(int(number("k")))
	case "vim":
		score, absolute = posthoc.ViM(int(number("dim"))), 1e-9
	case "react_energy":
		score = posthoc.ReAct(number("percentile"))
	case "ash_p_energy":
		score = posthoc.ASHP(number("percentile"))
	case "ash_b_energy":
		score = posthoc.ASHB(number("percentile"))
	case "ash_s_energy":
		score = posthoc.ASHS(number("percentile"))
	case "scale_energy":
		score = posthoc.SCALE(number("percentile"))
	case "dice_energy":
		score = posthoc.DICE(number("p"))
	case "she":
		score = posthoc.SHE()
	case "nnguide":
		score = posthoc.NNGuide(int(number("k")))
	case "fdbd":
		score = posthoc.FDBD()
	default:
		t.Fatalf("method %q is unknown here", m.Name)
	}
	named := *score
	named.Name = fmt.Sprintf("%s-%d", score.Name, at)
	return &named, relative, absolute
}

func TestGoldenPostHocScores(t *testing.T) {
	file := readPosthoc(t)
	var scores []*dismaxlib.Score
	for i, method := range file.Methods {
		score, _, _ := method.score(t, i)
		scores = append(scores, score)
	}
	train := file.outputs(file.Inputs.TrainFeatures)
	fitted, err := dismaxlib.FitScores(scores, dismaxlib.TrainingOutputs{
		Logits: train.Logits, Features: train.Features, Labels: file.Inputs.TrainLabels,
		Weights: tensors.FromValue(file.Inputs.W), Bias: tensors.FromValue(file.Inputs.B),
	})
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), scores, fitted, file.network(t))
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Finalize()
	got, err := scorer.Compute(file.outputs(slices.Concat(file.Inputs.IDFeatures, file.Inputs.UnknownFeatures)))
	if err != nil {
		t.Fatal(err)
	}
	for i, method := range file.Methods {
		t.Run(scores[i].Name, func(t *testing.T) {
			_, relative, absolute := method.score(t, i)
			checkEach(t, negated(got[i]), method.Scores, relative, absolute)
			known := len(file.Inputs.IDFeatures)
			detection, err := metrics.Detect(got[i][:known], got[i][known:], metrics.FieldConvention)
			if err != nil {
				t.Fatal(err)
			}
			checkEach(t, []float64{detection.AUROC}, []float64{method.AUROC}, 1e-9, 0)
		})
	}
}

func TestGoldenPostHocDetectionMetrics(t *testing.T) {
	file := readPosthoc(t)
	for name, entry := range file.OODMetrics {
		want, ok := entry.(map[string]any)
		if !ok {
			continue // the notes
		}
		t.Run(name, func(t *testing.T) {
			scores := file.scoresFor(t, name, want)
			known := len(file.Inputs.IDFeatures)
			d, err := metrics.Detect(scores[:known], scores[known:], metrics.FieldConvention)
			if err != nil {
				t.Fatal(err)
			}
			stepIn, stepOut, err := metrics.AveragePrecision(scores[:known], scores[known:])
			if err != nil {
				t.Fatal(err)
			}
			for metric, got := range map[string]float64{
				"auroc": d.AUROC, "aupr_in": d.AUPRIn, "aupr_out": d.AUPROut,
				"fpr95_ood_positive": d.FPR95, "fpr95_id_positive": 1 - d.TNR95,
				"aupr_in_step": stepIn, "aupr_out_step": stepOut,
			} {
				if want, ok := want[metric].(float64); !ok || math.Abs(got-want) > 1e-9 {
					t.Errorf("%s: got %.12g, want %v", metric, got, want)
				}
			}
		})
	}
}

// scoresFor returns the scores behind detection metrics, the larger the more in-distribution: those of the entry, or else
// of the method of its name.
func (f *posthocFile) scoresFor(t *testing.T, name string, entry map[string]any) []float64 {
	t.Helper()
	if values, ok := entry["scores"].([]any); ok {
		var scores []float64
		for _, value := range values {
			scores = append(scores, -value.(float64))
		}
		return scores
	}
	at := slices.IndexFunc(f.Methods, func(m posthocMethod) bool { return m.Name == name })
	if at < 0 {
		t.Fatalf("there are no scores of %s", name)
	}
	return negated(f.Methods[at].Scores)
}

func negated(values []float64) []float64 {
	opposite := make([]float64, len(values))
	for i, value := range values {
		opposite[i] = -value
	}
	return opposite
}

func matrix(rows [][]float64) *mat.Dense {
	return mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
}

// checkEach compares entry by entry, unlike testkit.CheckClose, and reports the worst.
func checkEach(t *testing.T, got, want []float64, relative, absolute float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	worst, excess := -1, 0.0
	for i := range want {
		allowed := relative*math.Abs(want[i]) + absolute
		if off := math.Abs(got[i] - want[i]); !(off <= allowed) && (worst < 0 || off/allowed > excess) {
			worst, excess = i, off/allowed
		}
	}
	if worst >= 0 {
		t.Errorf("entry %d: got %.15g, want %.15g: off by %.2g times what is allowed", worst, got[worst], want[worst], excess)
	}
}

// heldIn returns the logits and labels of the in-distribution test rows.
func (f *posthocFile) heldIn() (metrics.Logits, []int32) {
	return metrics.Logits{Values: f.logits(f.Inputs.IDFeatures), Classes: len(f.Inputs.B)}, f.Inputs.IDLabels
}

func TestGoldenPostHocCalibration(t *testing.T) {
	file := readPosthoc(t)
	logits, labels := file.heldIn()
	e, err := metrics.Evaluate(logits, labels, metrics.DefaultBins)
	if err != nil {
		t.Fatal(err)
	}
	adaptive15, err15 := metrics.AdaptiveECE(logits, labels, 15)
	adaptive7, err7 := metrics.AdaptiveECE(logits, labels, 7)
	classwise, perClass, errClasswise := metrics.ClasswiseECE(logits, labels, 15)
	smooth, errSmooth := metrics.SmoothECE(logits, labels)
	smoothAt, errAt := metrics.SmoothECEAt(logits, labels, file.Calibration["smooth_ece_relplot"].Bandwidth)
	for _, err := range []error{err15, err7, errClasswise, errSmooth, errAt} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]float64{
		"accuracy": e.Accuracy, "ece_15_equal_width": e.ECE, "nll": e.NLL, "brier": e.Brier,
		"adaptive_ece_15_equal_mass": adaptive15, "adaptive_ece_7_array_split": adaptive7,
		"classwise_ece_15": classwise,
	} {
		t.Run(name, func(t *testing.T) { checkEach(t, []float64{got}, []float64{file.Calibration[name].Value}, 1e-9, 0) })
	}
	t.Run("classwise_ece_15_per_class", func(t *testing.T) {
		checkEach(t, perClass, file.Calibration["classwise_ece_15"].PerClass, 1e-9, 0)
	})
	t.Run("smooth_ece_fixed_point", func(t *testing.T) { // the file has about six digits
		checkEach(t, []float64{smooth}, []float64{file.Calibration["smooth_ece_fixed_point"].Value}, 1e-6, 0)
	})
	t.Run("smooth_ece_exact_integral", func(t *testing.T) {
		checkEach(t, []float64{smoothAt}, []float64{file.Calibration["smooth_ece_relplot"].Exact}, 1e-6, 0)
	})
}

func TestGoldenPostHocPredictionSets(t *testing.T) {
	file := readPosthoc(t)
	want, count := file.Conformal, file.Conformal.NCalibration
	calibration := metrics.Logits{Values: file.logits(file.Inputs.TrainFeatures[:count]), Classes: len(file.Inputs.B)}
	logits, labels := file.heldIn()
	for name, c := range map[string]struct {
		sets     func(metrics.Logits, []int32, float64, detect.FitTemperature) (*detect.Sets, error)
		quantile float64
		want     posthocSets
	}{
		"thr":                     {detect.THR, want.THR.Quantile, want.THR.posthocSets},
		"aps_sets_le":             {detect.APS, want.APS.Quantile, want.APS.SetsLE},
		"aps_sets_first_reaching": {detect.APSNonEmpty, want.APS.Quantile, want.APS.SetsFirstReaching},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := c.sets(calibration, file.Inputs.TrainLabels[:count], want.Alpha, nil)
			if err != nil {
				t.Fatal(err)
			}
			checkEach(t, []float64{s.Quantile}, []float64{c.quantile}, 1e-9, 0)
			sets, err := s.Of(logits)
			if err != nil {
				t.Fatal(err)
			}
			got, covered, size := posthocSets{}, 0, 0
			for row, set := range sets {
				got.Sets = append(got.Sets, digits(set, logits.Classes))
				size += len(set)
				if len(set) == 0 {
					got.Empty++
				}
				if slices.Contains(set, int(labels[row])) {
					covered++
				}
			}
			if !slices.Equal(got.Sets, c.want.Sets) || got.Empty != c.want.Empty {
				t.Errorf("got sets %v, %d of them empty, want %v and %d", got.Sets, got.Empty, c.want.Sets, c.want.Empty)
			}
			rows := float64(len(sets))
			checkEach(t, []float64{float64(covered) / rows, float64(size) / rows}, []float64{c.want.Coverage, c.want.Size}, 1e-9, 0)
		})
	}
}

// digits writes a set of classes as the file does, "0110" for {1, 2}.
func digits(set []int, classes int) string {
	written := []byte(strings.Repeat("0", classes))
	for _, class := range set {
		written[class] = '1'
	}
	return string(written)
}
