package notebooks

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// folder is where the notebooks are, and what runs them.
const folder = "../../notebooks"

// notebook is as much of Jupyter's file format (version 4) as the tests look at.
type notebook struct {
	Cells    []cell
	Metadata struct {
		Kernelspec struct{ Name string }
	}
}

type cell struct {
	CellType       string `json:"cell_type"`
	ExecutionCount *int   `json:"execution_count"`
	Source         text
	Outputs        []output
}

type output struct {
	OutputType string `json:"output_type"`
	Text       text
	Data       map[string]json.RawMessage
}

// text is a string that the format also allows as a list of lines.
type text string

func (t *text) UnmarshalJSON(content []byte) error {
	var lines []string
	if json.Unmarshal(content, &lines) == nil {
		*t = text(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(content, (*string)(t))
}

func TestNotebooksRunFromTopToBottom(t *testing.T) {
	for _, path := range notebookFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			needKernel(t, strings.TrimSuffix(filepath.Base(path), ".ipynb"))
			executedPath := execute(t, path)
			checkPage(t, strings.TrimSuffix(executedPath, ".ipynb")+".html")
			executed := readNotebook(t, executedPath)
			for i, cell := range executed.Cells {
				if cell.CellType == "code" && cell.ExecutionCount == nil {
					t.Errorf("cell %d was not executed:\n%s", i, cell.Source)
				}
			}
		})
	}
}

// missing names what jupyter.sh would have to install.
var missing = sync.OnceValues(func() ([]string, error) {
	printed, err := exec.Command("bash", filepath.Join(folder, "jupyter.sh"), "missing").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("looking for the kernel and Jupyter: %w\n%s", err, printed)
	}
	return strings.Fields(string(printed)), nil
})

// needKernel skips the test of a notebook that cannot be executed here, or is not wanted.
func needKernel(t *testing.T, name string) {
	t.Helper()
	if testing.Short() {
		t.Skip("executing notebooks takes minutes; run without -short")
	}
	if wanted := os.Getenv("DISMAX_NOTEBOOKS"); wanted != "" && !slices.Contains(strings.Split(wanted, ","), name) {
		t.Skipf("DISMAX_NOTEBOOKS=%s leaves it out; make test-all runs every notebook", wanted)
	}
	tools, err := missing()
	if err != nil {
		t.Fatal(err)
	}
	if len(tools) > 0 {
		t.Skipf("missing tool: %s (make setup installs it)", strings.Join(tools, " "))
	}
}

// execute runs a notebook at its smallest scale and returns the path of the executed copy.
func execute(t *testing.T, path string) string {
	t.Helper()
	ctx := t.Context()
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-20*time.Second))
		defer cancel()
	}
	results := t.TempDir()
	command := exec.CommandContext(ctx, "bash", filepath.Join(folder, "jupyter.sh"), "execute", path, results, "--html")
	command.Env = append(os.Environ(), "DISMAX_NOTEBOOK_SCALE=smallest", "DISMAX_NOTEBOOK_OUT="+results,
		"DISMAX_OFFLINE=1")
	if os.Getenv("GOMLX_BACKEND") == "" {
		command.Env = append(command.Env, "GOMLX_BACKEND=goconv")
	}
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it stops its kernel, too
	command.WaitDelay = 15 * time.Second
	if printed, err := command.CombinedOutput(); err != nil {
		t.Fatalf("executing the notebook: %v\n%s", err, printed)
	}
	return filepath.Join(results, filepath.Base(path))
}

// checkPage looks at the page of an executed notebook: it fetches nothing, and its Go is coloured as Go.
func checkPage(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	if fetched := regexp.MustCompile(`<(?:script|link|img)[^>]* (?:src|href)="https?:[^"]*"`).FindString(page); fetched != "" {
		t.Errorf("the page needs a network: %s", fetched)
	}
	if want := `<span class="kn">import</span>`; !strings.Contains(page, want) {
		t.Errorf("the page has no %s: its code is not coloured as Go", want)
	}
	if formula := regexp.MustCompile(`\\(?:t?frac|mathrm|lVert|arccos)\b`).FindString(page); formula != "" {
		t.Errorf("the page holds a formula that was not typeset, with %q", formula)
	}
}

func TestStoredNotebooksAreReadyToRead(t *testing.T) {
	for _, path := range notebookFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			stored := readNotebook(t, path)
			if got := stored.Metadata.Kernelspec.Name; got != "gonb" {
				t.Errorf("kernel: got %q, want %q", got, "gonb")
			}
			shown := 0
			for i, cell := range stored.Cells {
				if cell.CellType != "code" {
					continue
				}
				if cell.ExecutionCount == nil {
					t.Errorf("code cell %d is stored without having been executed: run `make notebooks`", i)
				}
				shown += len(cell.Outputs)
				checkAlternatives(t, i, cell.Outputs)
				for _, output := range cell.Outputs {
					checkOutput(t, i, output)
				}
			}
			if shown == 0 {
				t.Error("no cell has an output, so a reader who does not run it sees nothing: run `make notebooks`")
			}
		})
	}
}

// personalPath returns an absolute path, which tells on whose machine, and where on it, a notebook was executed; "" where
// there is none. The path of an address on the web is not on a machine.
func personalPath(shown string) string {
	return absolute.FindString(scheme.ReplaceAllString(shown, ""))
}

var (
	absolute = regexp.MustCompile(`(?:^|[^\w.])(?:/\w[^\s/"'<>]*/|[A-Z]:\\)[^\s"'<]*`)
	scheme   = regexp.MustCompile(`https?://`)
)

// pixels are those of a picture, in which any path may stand by chance.
var pixels = regexp.MustCompile(`data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*`)

func checkOutput(t *testing.T, cell int, output output) {
	t.Helper()
	if output.OutputType == "error" {
		t.Errorf("code cell %d has stored an error", cell)
	}
	shown := string(output.Text)
	for mime, content := range output.Data {
		var data text
		if strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" {
			if err := json.Unmarshal(content, &data); err != nil {
				t.Errorf("code cell %d: %s: %v", cell, mime, err)
			}
		}
		shown += "\n" + string(data)
	}
	shown = pixels.ReplaceAllString(shown, "")
	if path := personalPath(shown); path != "" {
		t.Errorf("code cell %d shows an absolute path: %q", cell, path)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(shown, host) {
		t.Errorf("code cell %d shows the name of the machine, %q", cell, host)
	}
}

// checkAlternatives wants words for every picture.
func checkAlternatives(t *testing.T, cell int, outputs []output) {
	t.Helper()
	for _, output := range outputs {
		var html text
		if content := output.Data["text/html"]; content != nil && json.Unmarshal(content, &html) == nil {
			for _, picture := range regexp.MustCompile(`<(?:img|svg)[^>]*`).FindAllString(pixels.ReplaceAllString(string(html), ""), -1) {
				if !regexp.MustCompile(`alt="[^"]+"|aria-label="[^"]+"`).MatchString(picture) {
					t.Errorf("code cell %d shows a picture without words for it: %s", cell, picture)
				}
			}
		}
	}
}

func TestPersonalPathsAreFound(t *testing.T) {
	for shown, want := range map[string]bool{
		"written to /home/ada/dismax/reports/out":   true,
		`<a href="/tmp/report.html">`:               true,
		`C:\Users\ada\dismax`:                       true,
		"from /srv/images/cifar10.zip":              true,
		"file:///opt/data/cat.jpg":                  true,
		"written to ../reports/out/quickstart":      false,
		"https://example.org/home/page":             false,
		"AUROC 0.91 / FPR95 0.40, work in progress": false,
	} {
		if got := personalPath(shown) != ""; got != want {
			t.Errorf("%q is personal: got %v, want %v", shown, got, want)
		}
	}
}

func notebookFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.ipynb"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no notebooks in %s (error: %v)", folder, err)
	}
	return paths
}

func readNotebook(t *testing.T, path string) *notebook {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var stored notebook
	if err := json.Unmarshal(content, &stored); err != nil {
		t.Fatalf("%s is not a notebook: %v", path, err)
	}
	return &stored
}
