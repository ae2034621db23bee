package experiment

import (
	"encoding/json"
	"fmt"
	"maps"
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
	all := maps.Clone(before)
	maps.Copy(all, after)
	c := &Comparison{}
	for _, name := range slices.SortedFunc(maps.Keys(all), naturally) {
		into := &c.Results
		if section, _, _ := strings.Cut(name, "."); circumstances[section] {
			into = &c.Circumstances
		} else {
			c.Compared++
		}
		if before[name] != after[name] {
			*into = append(*into, Difference{name, before[name], after[name], apart(before[name], after[name])})
		}
	}
	return c, nil
}

// Reason says which of the circumstances makes other results likely; "" if none does.
func (c *Comparison) Reason() string {
	differ := func(prefix string) bool {
		return slices.ContainsFunc(c.Circumstances, func(d Difference) bool { return strings.HasPrefix(d.Name, prefix) })
	}
	switch {
	case differ("data.") || differ("spec."):
		return "other images or another spec give other results"
	case differ("backend.name"):
		return "another backend sums in another order: losses differ from the fifth digit, and what follows from them more"
	case differ("backend.instructions"), differ("versions.simd"):
		return "another instruction set sums in another order: losses differ from the fifth digit, and what follows from " +
			"them more"
	case differ("backend.device"), differ("versions."):
		return "another processor or another version may compute otherwise"
	}
	return ""
}

// circumstances are the sections of a record that are no results.
var circumstances = map[string]bool{"spec": true, "data": true, "backend": true, "versions": true}

// incidental are entries, by their last name, in which two equal runs differ: when and how fast they ran, in how many
// sessions, and what their files are called.
var incidental = map[string]bool{
	"format": true, "created": true, "resumed": true, "seconds": true, "train_seconds": true, "total_seconds": true,
	"images_per_second": true, "inference_images_per_second": true, "compilations": true, "cores": true,
}

// entriesOf returns the numbers, texts and truth values of a record as they are in its file, by name.
func entriesOf(r *record.Record) (map[string]string, error) {
	content, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	entries := map[string]string{}
	addEntries(entries, "", tree)
	return entries, nil
}

// addEntries adds what lies below a name.
func addEntries(entries map[string]string, name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, isFile := value["sha256"]; isFile && !strings.HasPrefix(name, "data.") {
			delete(value, "name")
		}
		for key, inner := range value {
			if !incidental[key] {
				addEntries(entries, strings.TrimPrefix(name+"."+key, "."), inner)
			}
		}
	case []any:
		for i, inner := range value {
			addEntries(entries, fmt.Sprintf("%s[%d]", name, i), inner)
		}
	case nil:
	default:
		entries[name] = fmt.Sprint(value)
	}
}

// naturally compares names so that entry 2 of a list comes before entry 10.
func naturally(x, y string) int {
	pad := func(name string) string {
		var padded strings.Builder
		for part := range strings.SplitSeq(name, "[") {
			if number, rest, found := strings.Cut(part, "]"); found {
				part = fmt.Sprintf("%9s]%s", number, rest)
			}
			padded.WriteString("[" + part)
		}
		return padded.String()
	}
	return strings.Compare(pad(x), pad(y))
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
