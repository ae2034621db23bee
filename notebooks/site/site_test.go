package main

import (
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// write makes a file and its folders.
func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// measured is a folder like reports/measured, with one of the repository's folders of records.
func measured(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "small"), os.DirFS("../../reports/measured/quickstart")); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestTheSiteHasNoBrokenLink(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "notebooks", "01_first.html"), `<h1 id="a">One &amp; all<a href="#a">¶</a></h1><a href="02_second.html">next</a>`)
	write(t, filepath.Join(folder, "notebooks", "02_second.html"), `<h1>Two</h1><a href="https://example.com/x">far</a>`)
	index, err := makeSite(folder, measured(t))
	if err != nil {
		t.Fatal(err)
	}
	checkLinks(t, folder)
	content, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<a href="notebooks/01_first.html">01 One &amp; all</a>`, `<a href="reports/small/report.html">small</a>`,
		"<small>2 runs</small>", `name="viewport"`} {
		if !strings.Contains(string(content), want) {
			t.Errorf("the index lacks %s:\n%s", want, content)
		}
	}
}

// The site that `make site` made, if there is one.
func TestTheMadeSiteHasNoBrokenLink(t *testing.T) {
	const made = "../../reports/out/site"
	if _, err := os.Stat(made); err != nil {
		t.Skip("make site was not run")
	}
	checkLinks(t, made)
}

var reference = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// checkLinks follows the links of every page to files, and to places in the page itself.
func checkLinks(t *testing.T, folder string) {
	t.Helper()
	links := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".html" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range reference.FindAllStringSubmatch(string(content), -1) {
			links++
			checkLink(t, path, string(content), match[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links < 5 {
		t.Errorf("got %d links in all, want those of the index at least", links)
	}
}

func checkLink(t *testing.T, path, page, link string) {
	t.Helper()
	target, err := url.Parse(html.UnescapeString(link))
	switch {
	case strings.HasPrefix(link, "data:"):
	case err != nil:
		t.Errorf("%s: the link %q: %v", path, link, err)
	case target.Scheme != "": // of the network, which no test looks at
	case target.Path == "":
		has := func(place string) bool { return strings.Contains(html.UnescapeString(page), `id="`+place+`"`) }
		if !has(target.Fragment) && !has(target.EscapedFragment()) { // a browser looks for both
			t.Errorf("%s: there is no place %q", path, target.Fragment)
		}
	default:
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(target.Path))); err != nil {
			t.Errorf("%s: the link %q leads nowhere", path, link)
		}
	}
}
