package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports"
)

//go:embed index.html
var indexPage string

// entry is a line of the index.
type entry struct {
	Title, Link, About string
}

// makeSite writes the reports and the index, and returns the path of the index.
func makeSite(folder, measured string) (string, error) {
	notebooks, err := notebookEntries(folder)
	if err != nil {
		return "", err
	}
	grids, err := gridEntries(folder, filepath.Join(measured, "runs"))
	if err != nil {
		return "", err
	}
	others, err := otherEntries(folder, measured)
	if err != nil {
		return "", err
	}
	page, err := template.New("index").Parse(indexPage)
	if err != nil {
		return "", err
	}
	var content bytes.Buffer
	if err := page.Execute(&content, map[string][]entry{"Notebooks": notebooks, "Reports": append(grids, others...)}); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "index.html")
	return path, os.WriteFile(path, content.Bytes(), 0o644)
}

var heading = regexp.MustCompile(`<h1[^>]*>([^<]+)<`)

// notebookEntries are the pages of the notebooks, by their first headings.
func notebookEntries(folder string) ([]entry, error) {
	pages, err := filepath.Glob(filepath.Join(folder, "notebooks", "*.html"))
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(page)
		number, _, _ := strings.Cut(name, "_")
		e := entry{Title: strings.TrimSuffix(name, ".html"), Link: "notebooks/" + name}
		if match := heading.FindSubmatch(content); match != nil {
			e.Title = number + " " + html.UnescapeString(string(match[1]))
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// gridEntries writes a report of each grid and scale of which there are runs.
func gridEntries(folder, runs string) ([]entry, error) {
	var entries []entry
	for _, name := range grid.Names() {
		named, err := grid.Open(name)
		if err != nil {
			return nil, err
		}
		for _, scale := range grid.Scales() {
			records, all, err := finishedRuns(named, scale, runs)
			if err != nil {
				return nil, err
			}
			if len(records) == 0 {
				continue
			}
			e, err := reportEntry(folder, name+"-"+scale.Name, named.Title, records)
			if err != nil {
				return nil, err
			}
			e.About += fmt.Sprintf(", of %d at scale %s", all, scale.Name)
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// finishedRuns are the records of a grid, with ensembles where the grid is a table of the paper, and how many runs the
// grid has in all.
func finishedRuns(g *grid.Grid, scale *grid.Scale, folder string) (records []*record.Record, all int, err error) {
	runs, err := g.Runs(scale)
	if err != nil {
		return nil, 0, err
	}
	if records, err = grid.Records(folder, runs); err != nil || !strings.HasPrefix(g.Name, "table2") {
		return records, len(runs), err
	}
	ensembles, err := experiment.Ensembles(grid.Folders(folder, runs))
	return append(records, ensembles...), len(runs), err
}

// otherEntries writes a report of the records in each other folder.
func otherEntries(folder, measured string) ([]entry, error) {
	files, err := filepath.Glob(filepath.Join(measured, "*", "*.json"))
	if err != nil {
		return nil, err
	}
	var names []string
	records := map[string][]*record.Record{}
	for _, file := range files {
		r, err := record.Read(file)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(filepath.Dir(file))
		if records[name] == nil {
			names = append(names, name)
		}
		records[name] = append(records[name], r)
	}
	var entries []entry
	for _, name := range names {
		e, err := reportEntry(folder, name, "", records[name])
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// reportEntry writes a report and returns its line of the index.
func reportEntry(folder, name, title string, records []*record.Record) (entry, error) {
	if _, err := reports.Write(filepath.Join(folder, "reports", name), records); err != nil {
		return entry{}, err
	}
	runs := 0
	for _, r := range records {
		if len(r.Members) == 0 {
			runs++
		}
	}
	if title == "" {
		title = name
	}
	return entry{Title: title, Link: "reports/" + name + "/report.html", About: text.Count(runs, "run")}, nil
}
