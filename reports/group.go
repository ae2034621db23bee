package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// group holds the runs whose specs differ in nothing but the seed, ordered by it. It is one row of a table.
type group struct {
	identity
	spec    record.Spec // of the first run
	label   string      // "DisMax", and what else tells it from the other groups of its section
	records []*record.Record
}

// section holds the groups that were trained on one data set.
type section struct {
	dataset string
	title   string
	groups  []*group
}

// sections sorts records into sections, in the order in which data sets first appear, and groups, by model and loss.
// Nil records are left out.
func sections(records []*record.Record) []*section {
	var found []*section
	for _, r := range records {
		if r == nil {
			continue
		}
		at := slices.IndexFunc(found, func(s *section) bool { return s.dataset == r.Spec.Dataset })
		if at < 0 {
			at = len(found)
			found = append(found, &section{dataset: r.Spec.Dataset, title: setTitle(r.Spec.Dataset)})
		}
		found[at].add(r)
	}
	for _, s := range found {
		s.finish()
	}
	return found
}

// add puts the record into its group.
func (s *section) add(r *record.Record) {
	for _, g := range s.groups {
		if sameButSeed(g.spec, r.Spec) {
			g.records = append(g.records, r)
			return
		}
	}
	s.groups = append(s.groups, &group{identity: identify(r.Spec.Loss), spec: r.Spec, records: []*record.Record{r}})
}

func sameButSeed(a, b record.Spec) bool {
	a.Seed, b.Seed = 0, 0
	return reflect.DeepEqual(a, b)
}

// finish orders the groups and gives them labels that differ.
func (s *section) finish() {
	slices.SortStableFunc(s.groups, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.spec.Model, b.spec.Model), cmp.Compare(a.rank, b.rank),
			strings.Compare(a.spec.Loss, b.spec.Loss))
	})
	for _, g := range s.groups {
		slices.SortStableFunc(g.records, func(a, b *record.Record) int { return cmp.Compare(a.Spec.Seed, b.Spec.Seed) })
		g.spec = g.records[0].Spec
		g.label = g.title
		if difference := s.difference(g); difference != "" {
			g.label += " (" + difference + ")"
		}
	}
}

// difference names what tells the group from the others with its model and loss: "epochs 30, batch size 64".
func (s *section) difference(g *group) string {
	fields := specFields(g.spec)
	differs := make([]bool, len(fields))
	for _, other := range s.groups {
		if other.spec.Loss != g.spec.Loss || other.spec.Model != g.spec.Model {
			continue
		}
		for i, field := range specFields(other.spec) {
			differs[i] = differs[i] || field.value != fields[i].value
		}
	}
	var names []string
	for i, field := range fields {
		if differs[i] {
			names = append(names, field.name+" "+field.value)
		}
	}
	return strings.Join(names, ", ")
}

// models counts the different models of the section.
func (s *section) models() int {
	names := map[string]bool{}
	for _, g := range s.groups {
		names[g.spec.Model] = true
	}
	return len(names)
}

// fullLabel is the label, with the model where the section holds several.
func (s *section) fullLabel(g *group) string {
	if s.models() > 1 {
		return g.label + ", " + modelTitle(g.spec.Model)
	}
	return g.label
}

// all returns the records of the section, group by group.
func (s *section) all() []*record.Record {
	var all []*record.Record
	for _, g := range s.groups {
		all = append(all, g.records...)
	}
	return all
}

// outSets names the out-of-distribution sets of the section in the order in which they first appear.
func (s *section) outSets() []string {
	var names []string
	for _, r := range s.all() {
		for _, out := range r.OutOfDistribution {
			if !slices.Contains(names, out.Set.Name) {
				names = append(names, out.Set.Name)
			}
		}
	}
	return names
}

// defaultDType is what a spec without a dtype means.
const defaultDType = "float32"

// specField is one choice of the user in words.
type specField struct{ name, value string }

// specFields lists what the user chose, seed apart, in the order of the record. The names are those of the record with
// spaces.
func specFields(spec record.Spec) []specField {
	value, typ := reflect.ValueOf(spec), reflect.TypeFor[record.Spec]()
	var fields []specField
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if name == "seed" {
			continue
		}
		text := fieldText(value.Field(i).Interface())
		if strings.HasSuffix(name, "_limit") && text == "0" {
			text = "none"
		}
		if name == "dtype" && text == "" {
			text = defaultDType
		}
		fields = append(fields, specField{strings.ReplaceAll(name, "_", " "), text})
	}
	return fields
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

// outOfDistribution returns the record's results on the set.
func outOfDistribution(r *record.Record, set string) (*record.OutOfDistribution, error) {
	var names []string
	for i := range r.OutOfDistribution {
		if r.OutOfDistribution[i].Set.Name == set {
			return &r.OutOfDistribution[i], nil
		}
		names = append(names, r.OutOfDistribution[i].Set.Name)
	}
	return nil, fmt.Errorf("the record of %s has no out-of-distribution set %q: it has %s",
		describe(r), set, listOrNone(names))
}

// detection returns the record's results on the set with the score; "" stands for the paper's score of its loss.
func detection(r *record.Record, set, score string) (*record.Detection, error) {
	out, err := outOfDistribution(r, set)
	if err != nil {
		return nil, err
	}
	wanted := score
	if wanted == "" {
		wanted = defaultScore(r.Spec.Loss, out.Scores)
	}
	var names []string
	for i := range out.Scores {
		if out.Scores[i].Score == wanted {
			return &out.Scores[i], nil
		}
		names = append(names, out.Scores[i].Score)
	}
	return nil, fmt.Errorf("the record of %s has no score %q on %s: it has %s",
		describe(r), wanted, set, listOrNone(names))
}

// defaultScore is the paper's score of the loss, or the first of the record where the paper has none.
func defaultScore(loss string, scores []record.Detection) string {
	paper := identify(loss).score
	for _, detection := range scores {
		if detection.Score == paper {
			return paper
		}
	}
	if len(scores) > 0 {
		return scores[0].Score
	}
	return paper
}

// describe names a record in an error.
func describe(r *record.Record) string {
	return fmt.Sprintf("%s, %s, %s, seed %d", r.Spec.Dataset, r.Spec.Model, r.Spec.Loss, r.Spec.Seed)
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
