package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAReportIsInTheConventionThatIsAskedFor(t *testing.T) {
	root := t.TempDir()
	run, bare := filepath.Join(root, "run"), filepath.Join(root, "bare")
	for _, folder := range []string{run, bare} {
		succeed(t, dismax(t, smallRun(folder, "--loss", "softmax", "--quiet")...))
	}
	if err := os.RemoveAll(filepath.Join(bare, "logits")); err != nil {
		t.Fatal(err)
	}
	output, err := dismax(t, "report", run, bare, "--convention", "field", "--out", filepath.Join(root, "report")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	words := strings.Join(strings.Fields(string(output)), " ")
	for _, says := range []string{"1 run left out", bare, "detection by convention field", "runs measured it by convention paper",
		"do not give them: JPEG size", "Near FPR95", "Far AUROC"} {
		if !strings.Contains(words, says) {
			t.Errorf("the report does not say %q:\n%s", says, output)
		}
	}
	failsWith(t, "its logits are not stored", "report", bare, "--convention", "field")
	if r := read(t, run); r.Spec.Convention != "paper" || r.Converted != nil {
		t.Error("the report changed the record of the run")
	}
	same := succeed(t, dismax(t, "report", bare, "--convention", "paper"))
	if strings.Contains(same, "measured anew") {
		t.Errorf("the convention of the run is said to be another:\n%s", same)
	}
}
