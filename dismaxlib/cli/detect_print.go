package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/internal/text"
)

// answerPrinter writes what a detector says, image by image.
type answerPrinter interface {
	print(image string, answer detect.Answer) error
	finish() error
}

// printer is the one that the flags choose.
func (c *detectCommand) printer(t terminal, detector *detect.Detector) answerPrinter {
	names, threshold := keys(detector.ClassNames()), detector.Threshold().Value
	switch {
	case c.JSON:
		return &jsonAnswers{json.NewEncoder(t.out), names, threshold}
	case c.CSV:
		return newCSVAnswers(t.out, names, threshold)
	}
	return &tableOfAnswers{out: t.out, score: detector.Score().Name, threshold: threshold}
}

// keys are the names of the classes, with a number where one repeats.
func keys(classes []string) []string {
	names, taken := make([]string, len(classes)), map[string]int{}
	for i, class := range classes {
		names[i] = class
		if taken[class]++; taken[class] > 1 {
			names[i] = fmt.Sprintf("%s %d", class, taken[class])
		}
	}
	return names
}

// jsonAnswers writes one object in a line.
type jsonAnswers struct {
	encoder   *json.Encoder
	names     []string
	threshold float64
}

// detected is what the command says about one image.
type detected struct {
	Image string `json:"image"`
	// In reports whether the image is in-distribution. If it is not, the class is not to be trusted.
	In            bool               `json:"in_distribution"`
	Class         string             `json:"class"`
	Probability   float64            `json:"probability"`
	Score         float64            `json:"score"`
	Threshold     float64            `json:"threshold"`
	Probabilities map[string]float64 `json:"probabilities"` // by class
}

func (j *jsonAnswers) print(image string, answer detect.Answer) error {
	probabilities := make(map[string]float64, len(j.names))
	for i, name := range j.names {
		probabilities[name] = answer.Probabilities[i]
	}
	return j.encoder.Encode(detected{image, answer.In, answer.ClassName, answer.Probability, answer.Score, j.threshold, probabilities})
}

func (j *jsonAnswers) finish() error { return nil }

// csvAnswers writes a line with a column for each class, named after it.
type csvAnswers struct {
	writer    *csv.Writer
	threshold float64
}

func newCSVAnswers(out io.Writer, names []string, threshold float64) *csvAnswers {
	a := &csvAnswers{csv.NewWriter(out), threshold}
	header := []string{"image", "in_distribution", "class", "probability", "score", "threshold"}
	for _, name := range names {
		header = append(header, "p("+name+")")
	}
	a.writer.Write(header) // an error comes with the next line
	return a
}

func (c *csvAnswers) print(image string, answer detect.Answer) error {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	line := []string{image, strconv.FormatBool(answer.In), answer.ClassName, number(answer.Probability), number(answer.Score),
		number(c.threshold)}
	for _, probability := range answer.Probabilities {
		line = append(line, number(probability))
	}
	return c.writer.Write(line)
}

func (c *csvAnswers) finish() error {
	c.writer.Flush()
	return c.writer.Error()
}

// tableOfAnswers writes an aligned table at the end.
type tableOfAnswers struct {
	out       io.Writer
	score     string
	threshold float64
	rows      []string
}

func (a *tableOfAnswers) print(image string, answer detect.Answer) error {
	score := scoreText(answer.Score, a.threshold)
	row := fmt.Sprintf("out\t\t\t%s\t%s\n", score, text.Printable(image))
	if answer.In {
		row = fmt.Sprintf("in\t%s\t%.1f%%\t%s\t%s\n", text.Printable(answer.ClassName), 100*answer.Probability,
			score, text.Printable(image))
	}
	a.rows = append(a.rows, row)
	return nil
}

// scoreText writes a score with as many decimals as give the threshold five digits, so that a column has equally many.
func scoreText(score, threshold float64) string {
	decimals := 4
	if threshold != 0 {
		decimals -= int(math.Floor(math.Log10(math.Abs(threshold))))
	}
	return strconv.FormatFloat(score, 'f', min(max(decimals, 0), 12), 64)
}

func (a *tableOfAnswers) finish() error {
	return tableOfNames(a.out, func(w io.Writer) error {
		fmt.Fprintf(w, "DISTRIBUTION\tCLASS\tPROBABILITY\t%s\tIMAGE\n", a.score)
		for _, row := range a.rows {
			io.WriteString(w, row)
		}
		return nil
	})
}
