package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestFileAndFolderAreOnTheDiskBeforeAndAfterTheFileHasItsName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows syncs no folders")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	const content = "content"
	var synced []string
	defer func(was func(*os.File) error) { syncToDisk = was }(syncToDisk)
	syncToDisk = func(file *os.File) error {
		what := "another file"
		written, err := os.ReadFile(file.Name())
		if file.Name() == folder {
			what = "the folder"
		} else if err == nil && string(written) == content {
			what = "the whole file"
		}
		if _, err := os.Stat(path); err == nil {
			what += " with its name"
		}
		synced = append(synced, what)
		return nil
	}
	err := Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
	if want := []string{"the whole file", "the folder with its name"}; err != nil || !slices.Equal(synced, want) {
		t.Errorf("synced %q (error: %v), want %q", synced, err, want)
	}
}
