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
type choice struct{ name, value string }

// usual reports whether the choice goes without saying.
func (c choice) usual() bool {
	return c.value == "" || c.value == unseen || c == choice{"dtype", defaultDType} || c == choice{parametersChoice, "none"}
}

// choicesOf lists what the user chose, seed apart: the fields of the spec in the order of the record, by their names
// there with spaces, and the parameters of the loss. They are as many of every record.
func choicesOf(r *record.Record) []choice {
	value, typ := reflect.ValueOf(r.Spec), reflect.TypeFor[record.Spec]()
	var all []choice
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name == "seed" {
			continue
		}
		text := fieldText(value.Field(i).Interface())
		if r.OutputsOnly && value.Field(i).IsZero() {
			text = unseen
		}
		if strings.HasSuffix(name, "_limit") && text == "0" {
			text = "none"
		}
		if name == "dtype" && text == "" {
			text = defaultDType
		}
		if name == heldOutField && text != "none" {
			text = strconv.Itoa(len(r.Spec.HoldOutClasses)) + " of a split"
		}
		all = append(all, choice{strings.ReplaceAll(name, "_", " "), text})
	}
	return append(all, choice{parametersChoice, parametersText(r.Loss.Parameters)})
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
func (s *section) difference(g *group) string {
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
	var names []string
	for i, choice := range own {
		if differs[i] {
			names = append(names, choice.name+" "+choice.value)
		}
	}
	return strings.Join(names, ", ")
}
