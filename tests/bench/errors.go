package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"text/tabwriter"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// errorsCommand is "bench errors".
type errorsCommand struct {
	Python     string `placeholder:"FILE" help:"The Python that has PyTorch. Default: that of .cache/bench, else python3."`
	References string `default:"tests/bench" hidden:""`
}

// square3x3 is a 3x3 convolution of stride 1 that keeps the size of its images.
type square3x3 struct{ batch, size, inputs, outputs int }

func (s square3x3) String() string {
	return fmt.Sprintf("%d x %dx%d, %d to %d", s.batch, s.size, s.size, s.inputs, s.outputs)
}

// convolutionsWithErrors are those of ResNet-20, ResNet-34, WideResNet-28-10 and DenseNet-BC-100, in small batches.
var convolutionsWithErrors = []square3x3{
	{8, 32, 16, 16}, {8, 16, 32, 32}, {8, 8, 64, 64},
	{1, 32, 64, 64}, {2, 16, 128, 128}, {4, 8, 256, 256}, {8, 4, 512, 512},
	{1, 32, 160, 160}, {2, 8, 640, 640},
	{8, 8, 48, 12},
}

// Run prints a table for each result.
func (c *errorsCommand) Run(ctx context.Context, out io.Writer) error {
	all := make([]roundingErrors, len(convolutionsWithErrors))
	for i, s := range convolutionsWithErrors {
		var err error
		if all[i], err = c.measure(ctx, s); err != nil {
			return fmt.Errorf("convolution %s: %w", s, err)
		}
	}
	fmt.Fprintln(out, "Root mean square of the error, relative to that of the result, in units of 1e-7")
	for result, title := range resultTitles {
		fmt.Fprintf(out, "\n%s\n", title)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "\tgoconv\twinograd=0\tPyTorch\tchannels_last\t")
		for i, s := range convolutionsWithErrors {
			fmt.Fprintf(w, "%-22s\t", s)
			for _, e := range all[i][result] {
				fmt.Fprintf(w, "%.1f\t", 1e7*e)
			}
			fmt.Fprintln(w)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// Every convolution has three results.
var resultTitles = [3]string{"Forward pass", "Gradient of the input", "Gradient of the kernel"}

// roundingErrors are, of each result, the errors of goconv, of goconv with winograd=0, and of PyTorch's two layouts.
type roundingErrors [len(resultTitles)][4]float64

// measure computes the convolution of normally distributed numbers by each engine in float32, and in float64.
func (c *errorsCommand) measure(ctx context.Context, s square3x3) (measured roundingErrors, err error) {
	random := rand.New(rand.NewPCG(uint64(s.size), uint64(s.inputs)))
	operands := []*tensors.Tensor{
		normal(random, s.batch, s.size, s.size, s.inputs), normal(random, 3, 3, s.inputs, s.outputs),
		normal(random, s.batch, s.size, s.size, s.outputs),
	}
	exact, err := convolved("", dtypes.Float64, operands)
	if err != nil {
		return measured, err
	}
	engines := make([][][]float64, 0, 4)
	for _, options := range []string{"", "winograd=0"} {
		results, err := convolved(options, dtypes.Float32, operands)
		if err != nil {
			return measured, err
		}
		engines = append(engines, results)
	}
	theirs, err := c.byPyTorch(ctx, s, operands, exact)
	if err != nil {
		return measured, err
	}
	for i, results := range append(engines, theirs...) {
		for result := range exact {
			measured[result][i] = relativeRMS(results[result], exact[result])
		}
	}
	return measured, nil
}

// convolved computes y, dx and dw on goconv, in arithmetic of the dtype.
func convolved(options string, dtype dtypes.DType, operands []*tensors.Tensor) (results [][]float64, err error) {
	backend, err := goconv.New(options)
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	exec, err := graph.NewExec(backend, func(operands []*graph.Node) []*graph.Node {
		x, w := graph.ConvertDType(operands[0], dtype), graph.ConvertDType(operands[1], dtype)
		dy := graph.ConvertDType(operands[2], dtype)
		y := graph.Convolve(x, w).PadSame().Done()
		outputs := append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, dy)), x, w)...)
		for i := range outputs {
			outputs[i] = graph.ConvertDType(outputs[i], dtypes.Float64)
		}
		return outputs
	})
	if err != nil {
		return nil, fmt.Errorf("goconv with options %q: %w", options, err)
	}
	defer exec.Finalize()
	inputs := make([]any, len(operands))
	for i, operand := range operands { // a tensor lives on one backend only
		if inputs[i], err = operand.LocalClone(); err != nil {
			return nil, err
		}
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		return nil, fmt.Errorf("goconv with options %q: %w", options, err)
	}
	for _, output := range outputs {
		results = append(results, tensors.MustCopyFlatData[float64](output))
	}
	return results, nil
}

// byPyTorch computes the same by torch_errors.py, once for each layout of memory.
func (c *errorsCommand) byPyTorch(
	ctx context.Context, s square3x3, operands []*tensors.Tensor, like [][]float64,
) (layouts [][][]float64, err error) {
	python := c.Python
	if python == "" {
		python = defaultPython()
	}
	var input bytes.Buffer
	for _, operand := range operands {
		if err := binary.Write(&input, binary.NativeEndian, tensors.MustCopyFlatData[float32](operand)); err != nil {
			return nil, err
		}
	}
	command := exec.CommandContext(ctx, python, filepath.Join(c.References, "torch_errors.py"),
		fmt.Sprint("--batch=", s.batch), fmt.Sprint("--size=", s.size),
		fmt.Sprint("--inputs=", s.inputs), fmt.Sprint("--outputs=", s.outputs))
	command.Env = append(pythonEnvironment(), "PYTHONDONTWRITEBYTECODE=1")
	command.Stdin = &input
	printed, err := output(command)
	if err != nil {
		return nil, fmt.Errorf("PyTorch, which make .cache/bench/installed gets: %w", err)
	}
	reader := bytes.NewReader(printed)
	for range 2 {
		results := make([][]float64, len(like))
		for i := range results {
			values := make([]float32, len(like[i]))
			if err := binary.Read(reader, binary.NativeEndian, values); err != nil {
				return nil, fmt.Errorf("reading what PyTorch computed: %w", err)
			}
			for _, v := range values {
				results[i] = append(results[i], float64(v))
			}
		}
		layouts = append(layouts, results)
	}
	return layouts, nil
}

func normal(random *rand.Rand, dimensions ...int) *tensors.Tensor {
	size := 1
	for _, dimension := range dimensions {
		size *= dimension
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, dimensions...)
}

// relativeRMS is the root of the mean square of the differences over that of the values.
func relativeRMS(got, want []float64) float64 {
	var differences, values float64
	for i := range want {
		differences += (got[i] - want[i]) * (got[i] - want[i])
		values += want[i] * want[i]
	}
	return math.Sqrt(differences / values)
}
