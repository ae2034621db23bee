package experiment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Difference is one entry in which two records differ.
type Difference struct {
	Name    string // as in the record's file: "epochs[2].loss", "out_of_distribution[0].scores[1].auroc"
	Was, Is string // as in the file; "" where a record has no such entry
	// Size is |Is - Was| of numbers, and NaN of anything else.
	Size float64
}

// String writes the difference in a line.
func (d Difference) String() string {
	line := fmt.Sprintf("%s: %s before, %s now", d.Name, orNothing(d.Was), orNothing(d.Is))
	if !math.IsNaN(d.Size) {
		line += fmt.Sprintf(" (%.2g apart)", d.Size)
	}
	return line
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// Comparison says whether two runs of one spec did the same.
type Comparison struct {
	Compared int // entries of results
	// Results are what training, evaluation and the files came to: losses, metrics, temperatures, checksums of weights
	// and outputs. Empty: the runs are the same, bit for bit.
	Results []Difference
	// Circumstances are what may explain it: spec, data, backend, device, instruction set and versions.
	Circumstances []Difference
}

// Compare compares two records entry by entry, but for times and names of files.
func Compare(was, is *record.Record) (*Comparison, error) {
	before, err := entriesOf(was)
	if err != nil {
		return nil, fmt.Errorf("comparing records: %w", err)
	}
	after, err := entriesOf(is)
	if err != nil {
		return nil, fmt.Errorf("comparing records: %w", err)
	}
	names := before.names
	for _, name := range after.names {
		if _, found := before.values[name]; !found {
			names = append(names, name)
		}
	}
	c := &Comparison{}
	for _, name := range names {
		into := &c.Results
		if isCircumstance(name) {
			into = &c.Circumstances
		} else {
			c.Compared++
		}
		if x, y := before.values[name], after.values[name]; x != y {
			*into = append(*into, Difference{name, x, y, apart(x, y)})
		}
	}
	return c, nil
}

// Reason says which of the circumstances makes other results likely; "" if none does.
func (c *Comparison) Reason() string {
	differ := func(names ...string) bool {
		return slices.ContainsFunc(c.Circumstances, func(d Difference) bool { return slices.Contains(names, d.Name) })
	}
	switch {
	case slices.ContainsFunc(c.Circumstances, isOfImages):
		return "other images give other results"
	case slices.ContainsFunc(c.Circumstances, isOfTF32):
		return "TF32 rounds what is multiplied to 10 bits, in one of them more than in the other: losses differ more than " +
			"between two backends in float32"
	case differ("backend.name"):
		return "another backend sums in another order: losses differ from the fifth digit, and what follows from them more"
	case differ("backend.instructions", "versions.simd"):
		return "another instruction set sums in another order: losses differ from the fifth digit, and what follows from " +
			"them more"
	case differ("backend.devices"):
		return "another number of devices sums in another order: losses differ from the fifth digit, and what follows from " +
			"them more"
	case differ("backend.device"), slices.ContainsFunc(c.Circumstances, isOfVersions):
		return "another processor or another version may compute otherwise"
	}
	return ""
}

// isOfImages reports whether the images of a set differ.
func isOfImages(d Difference) bool { return strings.HasSuffix(d.Name, ".sha256") }

// isOfVersions reports whether the software differs.
func isOfVersions(d Difference) bool { return strings.HasPrefix(d.Name, "versions.") }

// isOfTF32 reports whether one of the two may have rounded otherwise than the other: what does not say it, and what says
// that it is off, did not.
func isOfTF32(d Difference) bool {
	rounds := func(tf32 string) bool { return tf32 != "" && tf32 != "off" }
	return d.Name == "backend.tf32" && (rounds(d.Was) || rounds(d.Is))
}

// isCircumstance reports whether the entry of the name is no result.
func isCircumstance(name string) bool {
	section, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"spec", "data", "backend", "versions"}, section) || strings.Contains(name, "].set.")
}

// incidental are entries, by their last name, in which two equal runs differ: when and how fast they ran, and in how
// many sessions.
var incidental = []string{
	"format", "created", "resumed", "seconds", "train_seconds", "total_seconds", "images_per_second",
	"inference_images_per_second", "compilations", "cores",
}

// isIncidental reports whether an entry is no result, or the name of a file.
func isIncidental(parent, last string) bool {
	isFile := last == "name" && (strings.HasPrefix(parent, "outputs[") || strings.HasPrefix(parent, "fitted["))
	return isFile || slices.Contains(incidental, last)
}

// entries are the numbers, texts and truth values of a record.
type entries struct {
	names  []string          // in the order of the file
	values map[string]string // as in the file
}

func entriesOf(r *record.Record) (*entries, error) {
	if r == nil {
		return nil, errors.New("there is none")
	}
	content, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	e := &entries{values: map[string]string{}}
	return e, e.add(decoder, "", true)
}

// add adds the next value of the decoder, unless it is not wanted, with all that lies in it.
func (e *entries) add(decoder *json.Decoder, name string, wanted bool) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch delimiter, _ := token.(json.Delim); delimiter {
	case '{':
		for decoder.More() && err == nil {
			var key json.Token
			if key, err = decoder.Token(); err == nil {
				last := key.(string)
				err = e.add(decoder, strings.TrimPrefix(name+"."+last, "."), wanted && !isIncidental(name, last))
			}
		}
	case '[':
		for i := 0; decoder.More() && err == nil; i++ {
			err = e.add(decoder, fmt.Sprintf("%s[%d]", name, i), wanted)
		}
	default:
		if wanted && token != nil {
			e.names, e.values[name] = append(e.names, name), fmt.Sprint(token)
		}
		return nil
	}
	if err == nil {
		_, err = decoder.Token() // the closing delimiter
	}
	return err
}

// apart is the distance of two numbers, NaN of anything else.
func apart(was, is string) float64 {
	x, errX := strconv.ParseFloat(was, 64)
	y, errY := strconv.ParseFloat(is, 64)
	if errX != nil || errY != nil {
		return math.NaN()
	}
	return math.Abs(y - x)
}
