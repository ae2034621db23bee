package endtoend

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readmes are the files whose links and commands are followed, seen from the root.
var readmes = []string{"README.md", "reports/measured/README.md", "reports/measured/runs/README.md"}

func readme(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// anchors are the names that a page of Markdown gives its headings.
func anchors(content string) []string {
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(content, -1) {
		kept := regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(kept, " ", "-"))
	}
	return names
}

func TestLinksOfREADMEsLeadSomewhere(t *testing.T) {
	for _, name := range readmes {
		for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(readme(t, name), -1) {
			file, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join("../..", target)); err != nil {
				t.Errorf("%s links to %s: %v", name, link[1], err)
			} else if anchor != "" && !slices.Contains(anchors(readme(t, target)), anchor) {
				t.Errorf("%s links to %s, and %s has no such heading", name, link[1], target)
			}
		}
	}
}

// commands are the lines of blocks of shell, and the indented ones, that begin with the word; without comments.
func commands(content, word string) (all [][]string) {
	content = strings.ReplaceAll(content, "\\\n", " ")
	for line := range strings.Lines(content) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if words := strings.Fields(line); len(words) > 1 && words[0] == word {
			all = append(all, words[1:])
		}
	}
	return all
}

// A command of a README has all flags that it must have, and no others than there are.
func TestCommandsOfREADMEsAreUnderstood(t *testing.T) {
	flags := regexp.MustCompile(`--[a-z-]+`)
	for _, name := range readmes {
		for _, words := range commands(readme(t, name), "dismax") {
			help := strings.ReplaceAll(succeed(t, dismax(t, append(slices.Clone(words), "--help")...)), "--[no-]", "--")
			given := flags.FindAllString(strings.Join(words, " "), -1)
			for _, flag := range given {
				if !strings.Contains(help, flag) {
					t.Errorf("%s: dismax %s: there is no %s", name, strings.Join(words, " "), flag)
				}
			}
			usage, _, _ := strings.Cut(help, "\n\n")
			for _, flag := range flags.FindAllString(usage, -1) {
				if !slices.Contains(given, flag) {
					t.Errorf("%s: dismax %s: %s is missing", name, strings.Join(words, " "), flag)
				}
			}
		}
		for _, words := range commands(readme(t, name), "make") {
			if !regexp.MustCompile(`(?m)^` + words[0] + `:`).MatchString(readme(t, "Makefile")) {
				t.Errorf("%s: make %s: the Makefile has no such target", name, words[0])
			}
		}
	}
}

func TestTheDetectorOfREADMEIsTheExample(t *testing.T) {
	_, rest, found := strings.Cut(readme(t, "README.md"), "```go\n// From examples/detector")
	_, rest, _ = strings.Cut(rest, "\n")
	code, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("README.md has no block of Go that begins with // From examples/detector")
	}
	example := readme(t, "dismaxlib/examples/detector/main.go")
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); !strings.Contains(example, line) {
			t.Errorf("the example has no line %s", line)
		}
	}
}
