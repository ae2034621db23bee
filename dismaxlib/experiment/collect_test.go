package experiment_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

// collected returns a run's folder with its record, and the folder of its copy.
func collected(t *testing.T, options experiment.CollectOptions) (from, to string, r *record.Record) {
	t.Helper()
	from, r = smallRun(t, "own", record.HeldOut)
	to = filepath.Join(t.TempDir(), "copy")
	if err := experiment.Collect(from, to, options); err != nil {
		t.Fatal(err)
	}
	return from, to, r
}

func TestACollectedRunIsReadLikeTheRun(t *testing.T) {
	from, to, r := collected(t, experiment.CollectOptions{})
	for _, outputs := range r.Outputs {
		logits, labels, err := experiment.LoadLogits(from, outputs.Set)
		if err != nil {
			t.Fatal(err)
		}
		copied, copiedLabels, err := experiment.LoadLogits(to, outputs.Set)
		if err != nil || !reflect.DeepEqual(copied, logits) || !slices.Equal(copiedLabels, labels) {
			t.Errorf("%s: the copy's logits or labels are others (%v)", outputs.Set, err)
		}
	}
	copied, err := record.Read(to)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(copied.Spec, r.Spec) || !reflect.DeepEqual(copied.Test, r.Test) || !copied.Collected {
		t.Error("the copy's record has another spec, other metrics, or does not say that it is a copy")
	}
	for i, out := range copied.OutOfDistribution {
		for j, d := range out.Scores {
			was := r.OutOfDistribution[i].Scores[j]
			if own := slices.Contains(r.Loss.Scores, d.Score); d.AUROC != was.AUROC || (len(d.ROC) > 0) != own {
				t.Errorf("%s on %s: AUROC %g and %d points of the curve, want %g and a curve: %t",
					d.Score, out.Set.Name, d.AUROC, len(d.ROC), was.AUROC, own)
			}
		}
	}
}

func TestACollectedRunHoldsRecordAndLogitsAloneAndIsVerified(t *testing.T) {
	from, to, _ := collected(t, experiment.CollectOptions{})
	before := contents(t, to)
	for path := range before {
		if name := filepath.Base(path); name != record.FileName && !strings.HasSuffix(name, ".npy.gz") {
			t.Errorf("the copy holds %s", path)
		}
	}
	if bad := wrong(t, to); len(bad) != 0 {
		t.Errorf("wrong: %v", bad)
	}
	for _, source := range []string{from, to} {
		if err := experiment.Collect(source, to, experiment.CollectOptions{}); err != nil || !reflect.DeepEqual(contents(t, to), before) {
			t.Errorf("collecting %s once more changed the copy (%v)", source, err)
		}
	}
	damaged := filepath.Join(to, "logits", "test.npy.gz")
	content := []byte(before[damaged])
	content[len(content)/2] ^= 1
	if err := os.WriteFile(damaged, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if bad := wrong(t, to); len(bad) != 1 || bad[0].Path != damaged {
		t.Errorf("a flipped bit in %s: found %v", damaged, bad)
	}
}

func TestACopyWithoutLogitsIsTheRecord(t *testing.T) {
	from, to, _ := collected(t, experiment.CollectOptions{})
	if err := experiment.Collect(from, to, experiment.CollectOptions{WithoutLogits: true}); err != nil {
		t.Fatal(err)
	}
	if files := contents(t, to); len(files) != 1 || len(wrong(t, to)) != 0 {
		t.Errorf("the copy holds %d files, want the record alone", len(files))
	}
}

func TestCollectRefusesAFolderWithAWholeRun(t *testing.T) {
	from, _ := smallRun(t, "dismax", record.HeldOut)
	before := contents(t, from)
	err := experiment.Collect(from, from, experiment.CollectOptions{})
	if err == nil || !strings.Contains(err.Error(), "another folder") || !reflect.DeepEqual(contents(t, from), before) {
		t.Errorf("collecting a run into itself: error %v, want one, and the folder as it was", err)
	}
}

func TestCollectRefusesAFolderWithARunThatIsNotFinished(t *testing.T) {
	from := t.TempDir()
	if err := record.Write(from, &record.Record{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"checkpoint", ".lock", "progress.json"} {
		to := t.TempDir()
		if err := os.Mkdir(filepath.Join(to, name), 0o755); err != nil {
			t.Fatal(err)
		}
		err := experiment.Collect(from, to, experiment.CollectOptions{})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "another folder") {
			t.Errorf("a folder that holds %s: error %v, want a refusal", name, err)
		}
	}
}

// Until the new record is there, the former one and its files are as they were; after that nothing of them is left.
func TestCollectingAnotherRunReplacesTheCopyWhole(t *testing.T) {
	_, to, _ := collected(t, experiment.CollectOptions{})
	before := contents(t, to)
	other, r := smallRun(t, "softmax", record.HeldOut)
	last := filepath.Join(other, filepath.FromSlash(r.Outputs[len(r.Outputs)-1].Logits.Name))
	if err := os.Rename(last, last+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := experiment.Collect(other, to, experiment.CollectOptions{}); err == nil {
		t.Fatal("a run without one of its files was collected")
	}
	after := contents(t, to)
	for path, content := range before {
		if after[path] != content {
			t.Errorf("half a copy changed %s", path)
		}
	}
	if err := os.Rename(last+"-away", last); err != nil {
		t.Fatal(err)
	}
	if err := experiment.Collect(other, to, experiment.CollectOptions{}); err != nil {
		t.Fatal(err)
	}
	copied, err := record.Read(to)
	if err != nil || copied.Spec.Loss != "softmax" || len(wrong(t, to)) != 0 {
		t.Errorf("the copy is of %s (%v), wrong: %v", copied.Spec.Loss, err, wrong(t, to))
	}
	if got, want := len(contents(t, to)), len(copied.Files())+1; got != want {
		t.Errorf("the copy holds %d files, want %d", got, want)
	}
}

func TestACopyMakesNoDetector(t *testing.T) {
	_, to, _ := collected(t, experiment.CollectOptions{})
	_, err := experiment.Detector(to, experiment.DetectorOptions{Backend: testkit.Backend(t)})
	if err == nil || !strings.Contains(err.Error(), "copy without weights") {
		t.Errorf("got error %v, want one that says what is lacking", err)
	}
}

// A file of a copy is decompressed with care: what it claims to hold is bounded by what is read.
func TestACompressedFileThatIsCutIsAnError(t *testing.T) {
	_, to, _ := collected(t, experiment.CollectOptions{})
	path := filepath.Join(to, "logits", "test.npy.gz")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if reader, err := gzip.NewReader(bytes.NewReader(content)); err != nil || reader.Name != "" || !reader.ModTime.IsZero() {
		t.Errorf("%s: name %q, time %v (%v), want neither", path, reader.Name, reader.ModTime, err)
	}
	if err := os.Truncate(path, int64(len(content)-9)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := experiment.LoadLogits(to, "test"); err == nil {
		t.Error("a file that was cut was read")
	}
}
