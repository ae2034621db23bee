package reports

import (
	"bytes"
	"embed"
	"html/template"
	"strings"
)

//go:embed page/report.html page/report.css page/sort.js
var pageFiles embed.FS

// pageData is what the template of the page shows.
type pageData struct {
	Title, Subtitle string
	Style           template.CSS
	Script          template.JS
	Cautions        []string
	Sections        []pageSection
}

type pageSection struct {
	Title      string
	Anchor     string
	Highlights []highlight
	Tables     []pageTable
	Figures    []pageFigures
	Provenance []pageTable
}

type pageTable struct {
	Title  string
	Folded bool
	Table  template.HTML
}

type pageFigures struct {
	Title, Text string
	Plots       []template.HTML
}

// html is the page of the report.
func (r *report) html() ([]byte, error) {
	style, err := pageFiles.ReadFile("page/report.css")
	if err != nil {
		return nil, err
	}
	script, err := pageFiles.ReadFile("page/sort.js")
	if err != nil {
		return nil, err
	}
	data := pageData{Title: r.title(), Subtitle: r.subtitle(), Style: template.CSS(tableStyle + string(style)),
		Script: template.JS(script), Cautions: r.cautions}
	for i, s := range r.results.sections {
		section := pageSection{Title: s.title, Anchor: s.anchor, Highlights: s.highlights()}
		for _, g := range s.documentGrids() {
			section.Tables = append(section.Tables, pageTable{g.title, g.folded, g.fragment()})
		}
		for _, g := range s.provenance() {
			section.Provenance = append(section.Provenance, pageTable{g.title, true, g.fragment()})
		}
		for _, group := range r.figured[i] {
			figures := pageFigures{Title: group.title, Text: group.text}
			for _, figure := range group.figures {
				picture, err := figure.Inline()
				if err != nil {
					return nil, err
				}
				figures.Plots = append(figures.Plots, template.HTML(picture))
			}
			section.Figures = append(section.Figures, figures)
		}
		data.Sections = append(data.Sections, section)
	}
	page, err := template.ParseFS(pageFiles, "page/report.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fragment is the table as escaped HTML.
func (g grid) fragment() template.HTML {
	var out strings.Builder
	g.html(&out)
	return template.HTML(out.String())
}
