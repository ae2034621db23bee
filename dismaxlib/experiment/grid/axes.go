package grid

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// axes are fields of a spec with the values, or the lists of values, that a file gives them; and perhaps mostSeeds.
type axes map[string]json.RawMessage

// mostSeeds is the field with the number of the scale's seeds that are enough for these runs.
const mostSeeds = "most_seeds"

// specs lists the specs of all combinations of the values, completed by the scale.
func (a axes) specs(scale *Scale) ([]record.Spec, error) {
	combinations, err := a.combinations()
	if err != nil {
		return nil, err
	}
	most, err := a.mostSeeds()
	if err != nil {
		return nil, err
	}
	var specs []record.Spec
	for _, fields := range combinations {
		content, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		var named record.Spec
		if err := json.Unmarshal(content, &named); err != nil {
			return nil, fmt.Errorf("a spec: %w", err)
		}
		if named.Dataset == "" {
			return nil, errors.New("runs without a dataset: name one")
		}
		for _, spec := range scale.specs(named.Dataset, most) {
			if err := json.Unmarshal(content, &spec); err != nil {
				return nil, fmt.Errorf("a spec: %w", err)
			}
			specs = append(specs, scale.adapted(spec, fields))
		}
	}
	return specs, nil
}

// combinations lists the combinations of the values of all fields, the first field of a spec varying slowest.
func (a axes) combinations() ([]axes, error) {
	all, known := []axes{{}}, []string{}
	for field := range reflect.TypeFor[record.Spec]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		known = append(known, name)
		value, given := a[name]
		if !given {
			continue
		}
		values, err := valuesOf(value, field.Type.Kind() == reflect.Slice)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		var longer []axes
		for _, combination := range all {
			for _, value := range values {
				extended := maps.Clone(combination)
				extended[name] = value
				longer = append(longer, extended)
			}
		}
		all = longer
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if name != mostSeeds && !slices.Contains(known, name) {
			return nil, fmt.Errorf("a spec has no field %q: choose from %s", name, strings.Join(known, ", "))
		}
	}
	return all, nil
}

// without returns the axes without some fields.
func (a axes) without(names ...string) axes {
	others := maps.Clone(a)
	for _, name := range names {
		delete(others, name)
	}
	return others
}

// mostSeeds returns the value of the field of that name, or as many as any scale has.
func (a axes) mostSeeds() (int, error) {
	most := math.MaxInt
	value, given := a[mostSeeds]
	if !given {
		return most, nil
	}
	if err := json.Unmarshal(value, &most); err != nil || most < 1 {
		return 0, fmt.Errorf("field %s: want a whole number of at least 1, got %s", mostSeeds, value)
	}
	return most, nil
}

// valuesOf returns the values that a field takes: those of a list, or the only one.
func valuesOf(value json.RawMessage, isList bool) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		return []json.RawMessage{value}, nil
	}
	if isList && (len(list) == 0 || list[0][0] != '[') {
		return []json.RawMessage{value}, nil
	}
	if len(list) == 0 {
		return nil, errors.New("an empty list of values")
	}
	return list, nil
}
