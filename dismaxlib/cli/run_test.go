package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunSaysThatItDoesNotReadData(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "goconv")
	for ood, want := range map[string]bool{"synthetic-far": true, "svhn": false} {
		var printed bytes.Buffer
		args := []string{"run", "--dataset", "synthetic", "--data", t.TempDir(), "--ood", ood, "--offline", "--batch-size", "500",
			"--train-limit", "100", "--test-limit", "10", "--out", filepath.Join(t.TempDir(), "out")} // ends before it trains
		Main(t.Context(), args, &printed, &printed)
		if got := strings.Contains(printed.String(), " is not read: "); got != want {
			t.Errorf("--ood %s: says that --data is not read: %t, want %t; it prints\n%s", ood, got, want, printed.String())
		}
	}
}
