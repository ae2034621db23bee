package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// defaultDType is what a spec without a dtype means.
const defaultDType = "float32"

// unseen stands for the choices of a training that was not seen.
const unseen = "unknown"

// parametersChoice is the name of the parameters of a loss among the choices.
const parametersChoice = "loss parameters"

// heldOutField is the field of the classes that are held out. Runs that hold out as many belong to one row: which ones is
// drawn like a seed.
const heldOutField = "hold_out_classes"

// choice is one choice of the user in words.
type choice struct {
	name, value string
	leftOut     bool // of the record, which holds some choices only where they were made
}

func (c choice) equal(other choice) bool { return c.name == other.name && c.value == other.value }

// usual reports whether the choice goes without saying.
func (c choice) usual() bool {
	return c.leftOut || c.value == "" || c.value == unseen || c.name == "dtype" && c.value == defaultDType
}

// choicesOf lists what the user chose, seed apart: the fields of the spec in the order of the record, by their names
// there with spaces, and the parameters of the loss. They are as many of every record.
func choicesOf(r *record.Record) []choice {
	value, typ := reflect.ValueOf(r.Spec), reflect.TypeFor[record.Spec]()
	var all []choice
	for i := range typ.NumField() {
		name, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name == "seed" {
			continue
		}
		words := fieldText(value.Field(i).Interface())
		if r.OutputsOnly && value.Field(i).IsZero() {
			words = unseen
		}
		if strings.HasSuffix(name, "_limit") && words == "0" {
			words = "none"
		}
		if name == "dtype" && words == "" {
			words = defaultDType
		}
		if name == heldOutField && len(r.Spec.HoldOutClasses) > 0 {
			words = strconv.Itoa(len(r.Spec.HoldOutClasses)) + " of a split"
		}
		leftOut := options == "omitempty" && value.Field(i).IsZero()
		all = append(all, choice{strings.ReplaceAll(name, "_", " "), words, leftOut})
	}
	return append(all, choice{parametersChoice, parametersText(r.Loss.Parameters), len(r.Loss.Parameters) == 0})
}

func (g *group) choices() []choice { return choicesOf(g.records[0]) }

// parametersText writes parameters in the order of their names: "alpha 0.5, beta 2", "none" without any.
func parametersText(parameters map[string]float64) string {
	if len(parameters) == 0 {
		return "none"
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		texts = append(texts, name+" "+strconv.FormatFloat(parameters[name], 'g', -1, 64))
	}
	return strings.Join(texts, ", ")
}

// fieldText writes a value of a spec: lists with commas, an empty one as "none".
func fieldText(value any) string {
	switch v := value.(type) {
	case []string:
		if len(v) == 0 {
			return "none"
		}
		return strings.Join(v, ", ")
	case []int:
		if len(v) == 0 {
			return "none"
		}
		text, _ := json.Marshal(v)
		return strings.ReplaceAll(strings.Trim(string(text), "[]"), ",", ", ")
	case bool:
		if v {
			return "yes"
		}
		return "no"
	}
	return fmt.Sprint(value)
}

// difference names what distinguishes the group from the others with its model and loss: "epochs 30, batch size 64".
func (s *section) difference(g *group) string { return inWords(s.differences(g)) }

func (s *section) differences(g *group) []choice {
	own := g.choices()
	differs := make([]bool, len(own))
	for _, other := range s.groups {
		if other.spec.Loss != g.spec.Loss || other.spec.Model != g.spec.Model {
			continue
		}
		for i, choice := range other.choices() {
			differs[i] = differs[i] || choice.value != own[i].value
		}
	}
	var found []choice
	for i, choice := range own {
		if differs[i] {
			found = append(found, choice)
		}
	}
	return found
}

func inWords(choices []choice) string {
	var names []string
	for _, c := range choices {
		names = append(names, c.name+" "+c.value)
	}
	return strings.Join(names, ", ")
}

// lengthChoices say how long is trained on how many images. One is seldom changed without others.
var lengthChoices = []string{"epochs", "learning rate drops", "train limit", "validation share", "held out beyond limit"}

// shortDifference is [section.difference] without the choices that were not made, and with one, "30 epochs of 45,000
// images", in the place of several on the length of the training, if that still distinguishes the group.
func (s *section) shortDifference(g *group) string {
	short, ok := s.shortened(g)
	for _, other := range s.groups {
		if other != g && other.spec.Loss == g.spec.Loss && other.spec.Model == g.spec.Model {
			same, _ := s.shortened(other)
			ok = ok && same != short
		}
	}
	if !ok {
		return inWords(made(s.differences(g)))
	}
	return short
}

// shortened is false if the group differs in less than two choices on the length, or the images were not counted.
func (s *section) shortened(g *group) (string, bool) {
	isLength := func(c choice) bool { return slices.Contains(lengthChoices, c.name) }
	all, images := s.differences(g), g.records[0].Data.Train.Images
	rest := slices.DeleteFunc(slices.Clone(all), isLength)
	if len(all)-len(rest) < 2 || images == 0 {
		return "", false
	}
	length := choice{name: text.Count(g.spec.Epochs, "epoch"), value: "of " + text.Count(images, "image")}
	return inWords(append([]choice{length}, made(rest)...)), true
}

// made are the choices that were made. Groups that differ still do.
func made(choices []choice) []choice {
	return slices.DeleteFunc(slices.Clone(choices), func(c choice) bool { return c.leftOut })
}
