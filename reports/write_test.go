package reports

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// several are records that bring every part of a report to work.
func several() []*record.Record {
	resumed := fixture.New("dismax-fpr", 3)
	resumed.Resumed = 1
	twice := changed("dismax-fpr", 4, func(r *record.Record) { r.Resumed = 2 })
	small := changed("dismax", 1, resNet20)
	short := changed("dismax", 1, func(r *record.Record) { r.Spec.Epochs, r.Epochs = 3, r.Epochs[:3] })
	other := changed("softmax", 1, func(r *record.Record) {
		trainedOn("synthetic", "Synthetic figures")(r)
		r.Backend.Cores, r.Backend.Instructions = 0, "AVX2"
	})
	bare := &record.Record{Spec: record.Spec{Dataset: "synthetic", Loss: strange, Model: "m<b>", Protocol: record.HeldOut}}
	return []*record.Record{fixture.New("softmax", 1), nil, resumed, twice, small, fixture.New("dismax", 1), short,
		other, bare}
}

func TestWriteMakesEveryFileItNames(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "report")
	paths, err := Write(folder, several())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(folder, "report.html"); paths[0] != want {
		t.Errorf("got %s first, want %s", paths[0], want)
	}
	var written []string
	filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			written = append(written, path)
		}
		return err
	})
	named := slices.Clone(paths)
	slices.Sort(named)
	slices.Sort(written)
	if !slices.Equal(named, written) {
		t.Errorf("got paths\n%s\nbut the folder holds\n%s", strings.Join(named, "\n"), strings.Join(written, "\n"))
	}
	for _, name := range []string{"report.md", "results.csv", "results.tex", "plots/cifar10-training.svg",
		"plots/cifar10-roc-svhn.png", "plots/cifar10-reliability-softmax-before-resnet34.svg"} {
		if !slices.Contains(written, filepath.Join(folder, filepath.FromSlash(name))) {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	records := []*record.Record{fixture.New("softmax", 1), fixture.New("dismax", 1), fixture.New("dismax", 2)}
	paths, err := Write(first, records)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(records)
	if _, err := Write(second, records); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name, _ := filepath.Rel(first, path)
		a, errA := os.ReadFile(path)
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs between two reports of the same records (%v, %v)", name, errA, errB)
		}
	}
}

// page is the page of several, made once.
var page = sync.OnceValues(func() (string, error) {
	content, err := newReport(several()).html()
	return string(content), err
})

// mustPage returns the page of several.
func mustPage(t *testing.T) string {
	t.Helper()
	content, err := page()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestPageNeedsNoOtherFile(t *testing.T) {
	page := mustPage(t)
	loading := regexp.MustCompile(`(?i)(<script\s|<link|<img|<iframe|@import|url\(|\ssrc=|https?://[^\s"<]*)`)
	if found := loading.FindString(page); found != "" {
		t.Errorf("the page loads something: %s", found)
	}
}

func TestTablesOfThePageAreSortedByAScriptOfItsOwn(t *testing.T) {
	_, rest, _ := strings.Cut(mustPage(t), "<script>")
	script, after, found := strings.Cut(rest, "</script>")
	if !found || strings.Contains(after, "<script") {
		t.Fatal("got no script or several, want one")
	}
	check.Holds(t, script, `setAttribute("aria-sort"`, `createElement("button")`) // which keys press as well
	if reaching := regexp.MustCompile(`fetch|XMLHttp|import|WebSocket|sendBeacon|storage|cookie|eval|innerHTML`).FindString(script); reaching != "" {
		t.Errorf("the script does more than sort: %s", reaching)
	}
}

func TestAnEnsembleIsNotCountedAmongTheRuns(t *testing.T) {
	seed1, seed2 := fixture.New("softmax", 1), fixture.New("softmax", 2)
	for want, records := range map[string][]*record.Record{
		"2 runs of SoftMax, 1 ensemble, ": {seed1, seed2, ensemble("softmax")},
		"2 runs of SoftMax, 2030":         {seed1, seed2},
		"1 ensemble, ":                    {ensemble("softmax")},
	} {
		if got := newReport(records).subtitle(); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want it to begin with %q", got, want)
		}
	}
}

func TestPageSaysWhatWasRun(t *testing.T) {
	page := mustPage(t)
	check.Holds(t, page, "Results on CIFAR-10 and Synthetic figures", "8 runs of ", "2030-01-02", "Before you compare",
		"the paper trains for 300", "<a href=\"#cifar10\">", "<summary>Settings</summary>", "learning rate drops", "held-out",
		"Example processor, 2 cores", "Example processor, AVX2", "validation, for temperature",
		strings.Repeat("33", 32), "v0.28.16", "resumed once", "resumed 2 times",
		"DisMax (epochs 60), ResNet-34", "DisMax (epochs 3), ResNet-34", "DisMax, ResNet-20", "prefers-color-scheme: dark")
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}

func TestPageEscapesNames(t *testing.T) {
	page := mustPage(t)
	for _, raw := range []string{"<i>", "m<b>"} {
		if strings.Contains(page, raw) {
			t.Errorf("%q of a name reached the page as it is", raw)
		}
	}
}

func TestMarkdownReportShowsPlotsThatExist(t *testing.T) {
	folder := t.TempDir()
	if _, err := Write(folder, []*record.Record{fixture.New("softmax", 1), fixture.New("dismax", 1)}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	pictures := regexp.MustCompile(`\]\((plots/[^)]+)\)`).FindAllStringSubmatch(string(content), -1)
	if len(pictures) < 10 {
		t.Errorf("got %d pictures, want at least 10", len(pictures))
	}
	for _, picture := range pictures {
		if _, err := os.Stat(filepath.Join(folder, picture[1])); err != nil {
			t.Error(err)
		}
	}
}

func TestWriteRefusesNoRecords(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "report")
	_, err := Write(folder, []*record.Record{nil})
	check.Error(t, err, "at least one results record")
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made all the same (%v)", err)
	}
}

func TestWriteNamesTheFileItCannotWrite(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Write(blocked, []*record.Record{fixture.New("dismax", 1)})
	check.Error(t, err, blocked)

	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "results.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	paths, err := Write(folder, []*record.Record{fixture.New("dismax", 1)})
	check.Error(t, err, filepath.Join(folder, "results.csv"))
	if len(paths) != 2 {
		t.Errorf("got %d paths of files that were written, want 2", len(paths))
	}
}

func TestWriteTakesExtremeNumbers(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		r.Epochs = r.Epochs[:3]
		r.Epochs[1].Loss, r.Epochs[2].Validation = 1e300, &record.Validation{Loss: -1e300, Accuracy: 1e300}
		r.Test.Before.Reliability[3].Accuracy, r.Test.Before.Reliability[3].Count = 1e300, 1
		r.OutOfDistribution[0].Scores[0].Histogram = record.Histogram{Edges: []float64{0, 1e300}, In: []int{3}, Out: []int{3}}
		r.OutOfDistribution[1].Scores[0].Histogram = record.Histogram{Edges: []float64{0, 1e308}, In: []int{3}, Out: []int{3}}
		r.OutOfDistribution[1].Scores[0].ROC[7].TruePositiveRate = 1e300
		r.Test.After.NLL, r.Test.Temperature, r.InferenceImagesPerSecond = 1e300, 1e300, 1e300
	})
	folder := t.TempDir()
	if _, err := Write(folder, []*record.Record{r}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	check.Holds(t, string(content), "A plot is left out.", "accuracy 1e+300", "edge 1 is 1e+308")
}

func TestPeriodNamesFirstAndLastDay(t *testing.T) {
	early := fixture.New("dismax", 1)
	late := changed("dismax", 2, func(r *record.Record) { r.Created = r.Created.AddDate(0, 1, 0) })
	if got, want := period([]*record.Record{late, early}), "2030-01-02 to 2030-02-02"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMeanSpeedCountsEpochsByDuration(t *testing.T) {
	got := meanSpeed([]record.Epoch{{Seconds: 1, ImagesPerSecond: 100}, {Seconds: 3, ImagesPerSecond: 300}})
	if got != 250 {
		t.Errorf("got %g, want 250", got)
	}
	if got := meanSpeed(nil); got != 0 {
		t.Errorf("no epochs: got %g, want 0", got)
	}
}
