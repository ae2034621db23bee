package reports

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// report is what the page and the Markdown file show.
type report struct {
	results  *Results
	cautions []string
	when     string
	figured  [][]figureGroup // of each section
}

func newReport(records []*record.Record) *report {
	r := &report{results: Table(records...), cautions: Cautions(records...)}
	names := &figureNames{uniqueNames: uniqueNames{}}
	var all []*record.Record
	for _, s := range r.results.sections {
		all = append(all, s.all()...)
		r.figured = append(r.figured, s.figureGroups(names))
	}
	for _, err := range names.failures {
		r.cautions = append(r.cautions, "A plot is left out. "+err.Error()+".")
	}
	r.when = period(all)
	return r
}

// figures are the plots of all sections.
func (r *report) figures() []figure {
	var all []figure
	for _, groups := range r.figured {
		for _, group := range groups {
			all = append(all, group.figures...)
		}
	}
	return all
}

// title names the data sets.
func (r *report) title() string {
	var names []string
	for _, s := range r.results.sections {
		names = append(names, s.title)
	}
	return "Results on " + text.And(names)
}

// subtitle says how much was run and when.
func (r *report) subtitle() string {
	runs, ensembles := 0, 0
	var losses, amount []string
	for _, s := range r.results.sections {
		for _, g := range s.groups {
			if g.isEnsemble() {
				ensembles += len(g.records)
				continue
			}
			runs += len(g.records)
			losses = appendNew(losses, g.title)
		}
	}
	if runs > 0 {
		amount = append(amount, text.Count(runs, "run")+" of "+text.And(losses))
	}
	if ensembles > 0 {
		amount = append(amount, text.Count(ensembles, "ensemble"))
	}
	return strings.Join(append(amount, r.when), ", ")
}

// markdown is the report for people who read text; its plots are the SVG files.
func (r *report) markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n%s\n", escapeMarkdown(r.title()), escapeMarkdown(r.subtitle()))
	if len(r.cautions) > 0 {
		out.WriteString("\n**Before you compare**\n\n")
		for _, caution := range r.cautions {
			out.WriteString("- " + escapeMarkdown(caution) + "\n")
		}
	}
	for i, s := range r.results.sections {
		fmt.Fprintf(&out, "\n## %s\n", escapeMarkdown(s.title))
		for _, g := range s.documentGrids() {
			out.WriteString("\n**" + g.title + "**\n\n")
			g.markdown(&out)
		}
		for _, group := range r.figured[i] {
			fmt.Fprintf(&out, "\n### %s\n\n%s\n\n", escapeMarkdown(group.title), escapeMarkdown(group.text))
			for _, figure := range group.figures {
				fmt.Fprintf(&out, "![%s](plots/%s.svg)\n", escapeMarkdown(figure.Alt()), figure.file)
			}
		}
		out.WriteString("\n### What was run\n")
		for _, g := range s.provenance() {
			fmt.Fprintf(&out, "\n#### %s\n\n", g.title)
			g.markdown(&out)
		}
	}
	return out.String()
}

// period says when the runs finished.
func period(records []*record.Record) string {
	const day = "2006-01-02"
	var first, last string
	for _, r := range records {
		at := r.Created.UTC().Format(day)
		if first == "" || at < first {
			first = at
		}
		last = max(last, at)
	}
	if first == last {
		return first
	}
	return first + " to " + last
}
