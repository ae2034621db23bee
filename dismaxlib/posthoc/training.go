package posthoc

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/internal/softmax"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// denseOf copies a tensor of float32 or float64 of rank 2 into a matrix, and one of rank 1 into a column.
func denseOf(x *tensors.Tensor) (*mat.Dense, error) {
	rows, columns := x.Shape().Dim(0), 1
	if x.Rank() == 2 {
		columns = x.Shape().Dim(1)
	}
	if x.DType() == dtypes.Float64 {
		values, err := tensors.CopyFlatData[float64](x)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", x.Shape(), err)
		}
		return mat.NewDense(rows, columns, values), nil
	}
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", x.Shape(), err)
	}
	wide := make([]float64, len(values))
	for i, value := range values {
		wide[i] = float64(value)
	}
	return mat.NewDense(rows, columns, wide), nil
}

// tensorOf copies a matrix into a tensor of float64.
func tensorOf(m *mat.Dense) *tensors.Tensor {
	rows, columns := m.Dims()
	return tensors.FromFlatDataAndDimensions(mat.DenseCopyOf(m).RawMatrix().Data, rows, columns)
}

// training is a training set in float64, with the features and the linear head where it has them.
type training struct {
	logits, features, weights, bias *mat.Dense
	labels                          []int32
}

// readTraining copies what the training outputs have.
func readTraining(outputs dismaxlib.TrainingOutputs) (*training, error) {
	t := &training{labels: outputs.Labels}
	for _, field := range []struct {
		to   **mat.Dense
		from *tensors.Tensor
	}{
		{&t.logits, outputs.Logits}, {&t.features, outputs.Features},
		{&t.weights, outputs.Weights}, {&t.bias, outputs.Bias},
	} {
		if field.from == nil {
			continue
		}
		var err error
		if *field.to, err = denseOf(field.from); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// classes returns the number of classes.
func (t *training) classes() int {
	_, classes := t.logits.Dims()
	return classes
}

// predicted returns the class of the largest logit of a row, the first of equals.
func (t *training) predicted(row int) int { return softmax.Largest(t.logits.RawRowView(row)) }

// classOfRow returns the class that a row counts for, if it counts.
type classOfRow func(row int) (class int, counts bool)

func (t *training) labelled(row int) (class int, counts bool) { return int(t.labels[row]), true }

func oneClass(int) (class int, counts bool) { return 0, true }

// mean returns the mean features [features].
func (t *training) mean() []float64 {
	means, _ := t.classMeans(1, oneClass)
	return means.RawRowView(0)
}

// classMeans returns the mean features of each class, [classes, features], over the rows that count, and how many these
// are. The mean of none is 0.
func (t *training) classMeans(classes int, classOf classOfRow) (means *mat.Dense, counts []float64) {
	rows, size := t.features.Dims()
	means, counts = mat.NewDense(classes, size, nil), make([]float64, classes)
	for row := range rows {
		if class, ok := classOf(row); ok {
			floats.Add(means.RawRowView(class), t.features.RawRowView(row))
			counts[class]++
		}
	}
	for class, count := range counts {
		floats.Scale(1/max(count, 1), means.RawRowView(class))
	}
	return means, counts
}

// normalize divides the rows by their lengths.
func normalize(m *mat.Dense) {
	rows, _ := m.Dims()
	for row := range rows {
		values := m.RawRowView(row)
		if length := floats.Norm(values, 2); length > 0 {
			floats.Scale(1/length, values)
		}
	}
}
