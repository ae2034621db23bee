package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// group holds the runs that differ in nothing but the seed, ordered by it. It is one row of a table.
type group struct {
	identity
	spec    record.Spec // of the first run
	loss    record.Loss // likewise
	model   string      // the title
	label   string      // "DisMax", and what else distinguishes it from the other groups of its section
	records []*record.Record
}

// score is the one that goes with the loss, "" where the records name none.
func (g *group) score() string {
	if len(g.loss.Scores) == 0 {
		return ""
	}
	return g.loss.Scores[0]
}

// isEnsemble reports whether the group is several networks, averaged.
func (g *group) isEnsemble() bool { return len(g.records[0].Members) > 0 }

// isGiven reports whether the group holds outputs that were given, of networks whose training was not seen.
func (g *group) isGiven() bool { return g.records[0].OutputsOnly }

// hasSeeds reports whether the seeds of the group's records tell its networks apart, and pair them with those of others.
func (g *group) hasSeeds() bool { return !g.isEnsemble() && !g.isGiven() }

// section holds the groups that were trained on one data set.
type section struct {
	dataset string
	title   string
	anchor  string // a file name of the data set's, which no other section of its report has
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
			found = append(found, &section{dataset: r.Spec.Dataset})
		}
		found[at].add(r)
	}
	var titles []string
	anchors := uniqueNames{}
	for _, s := range found {
		s.finish()
		s.anchor = anchors.take(s.dataset)
		if slices.Contains(titles, s.title) {
			s.title += " [" + s.dataset + "]"
		}
		titles = append(titles, s.title)
	}
	return found
}

// add puts the record into its group.
func (s *section) add(r *record.Record) {
	for _, g := range s.groups {
		if slices.EqualFunc(g.choices(), choicesOf(r), choice.equal) {
			g.records = append(g.records, r)
			return
		}
	}
	s.groups = append(s.groups, &group{records: []*record.Record{r}})
}

// finish orders the groups, and gives them labels that differ and the section its title.
func (s *section) finish() {
	for _, g := range s.groups {
		slices.SortStableFunc(g.records, func(a, b *record.Record) int { return cmp.Compare(a.Spec.Seed, b.Spec.Seed) })
		first := g.records[0]
		g.spec, g.loss, g.identity, g.model = first.Spec, first.Loss, identify(first), modelTitle(first)
	}
	slices.SortStableFunc(s.groups, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.spec.Model, b.spec.Model), cmp.Compare(a.rank, b.rank),
			strings.Compare(a.spec.Loss, b.spec.Loss))
	})
	s.title = s.dataset
	for _, r := range s.all() {
		if s.title == s.dataset {
			s.title = datasetTitle(r)
		}
	}
	s.distinguish(func(g *group) (string, *string) { return g.spec.Loss, &g.title })
	s.distinguish(func(g *group) (string, *string) { return g.spec.Model, &g.model })
	for _, g := range s.groups {
		g.label = g.title
		if difference := s.shortDifference(g); difference != "" {
			g.label += " (" + difference + ")"
		}
	}
}

// distinguish adds their names to titles that several names share.
func (s *section) distinguish(of func(*group) (name string, title *string)) {
	names := map[string][]string{}
	for _, g := range s.groups {
		name, title := of(g)
		names[*title] = appendNew(names[*title], name)
	}
	for _, g := range s.groups {
		if name, title := of(g); len(names[*title]) > 1 {
			*title += " [" + name + "]"
		}
	}
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
		return g.label + ", " + g.model
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
			names = appendNew(names, out.Set.Name)
		}
	}
	return names
}

// setTitle is the title of the out-of-distribution set in the first record that has it.
func (s *section) setTitle(set string) string { return outTitle(s.all(), set) }

func outTitle(records []*record.Record, set string) string {
	for _, r := range records {
		if r == nil {
			continue
		}
		if out, err := outOfDistribution(r, set); err == nil {
			return setTitle(out.Set)
		}
	}
	return set
}

// appendNew appends the text if the list does not hold it yet.
func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
