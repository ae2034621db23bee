package testkit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Golden reads a file of values that the published PyTorch code computed, from the folder DISMAX_GOLDEN_DIR (default
// tests/testdata/golden; a relative path is relative to the root of the repository). It fails the test if it cannot.
func Golden(t testing.TB, file string, into any) {
	t.Helper()
	folder := os.Getenv("DISMAX_GOLDEN_DIR")
	if folder == "" {
		folder = filepath.Join("tests", "testdata", "golden")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(repositoryRoot(t), folder)
	}
	path := filepath.Join(folder, file)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("golden values: %v (set DISMAX_GOLDEN_DIR to the folder that has them)", err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("golden values: %s: %v", path, err)
	}
}

// repositoryRoot returns the folder of go.mod: tests run in the folder of their package.
func repositoryRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("no go.mod above the folder of the test: run the tests inside the repository")
		}
		folder = parent
	}
}
