package plugin_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/fakeplugin"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// edit copies a file with a change to its bytes.
func edit(t *testing.T, from, to string, change func(content []byte) []byte) string {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, change(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestFilesThatAreNoWholePluginForThisMachineAreRefused(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("skipped: plugins are looked into on Linux")
	}
	folder := t.TempDir()
	whole := filepath.Join(folder, "whole.so")
	fakeplugin.Build(t, whole)
	if err := plugin.Inspect(whole); err != nil {
		t.Errorf("a whole plugin is refused: %v", err)
	}
	path := func(name string) string { return filepath.Join(folder, name) }
	fakeplugin.Build(t, path("library.so"), "-DNO_ENTRY")
	if err := os.WriteFile(path("text.so"), []byte("<!DOCTYPE html>"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("pipe.so"), 0o644); err != nil {
		t.Fatal(err)
	}
	set := func(i int, value byte) func([]byte) []byte {
		return func(content []byte) []byte { content[i] = value; return content }
	}
	cut := func(share float64) func([]byte) []byte {
		return func(content []byte) []byte { return content[:int(share*float64(len(content)))] }
	}
	for _, c := range []struct{ path, want string }{
		{path("none.so"), "no file"},
		{folder, "is a folder"},
		{path("pipe.so"), "not a regular file"},
		{place(t, path("empty.so")), "is empty"},
		{path("text.so"), "not a shared library"},
		{edit(t, whole, path("header.so"), func(content []byte) []byte { return content[:20] }), "cut off"},
		{edit(t, whole, path("half.so"), cut(0.5)), "cut off"},
		{edit(t, whole, path("almost.so"), cut(0.999)), "cut off"},
		{edit(t, whole, path("sparc.so"), set(18, 43)), "SPARC"},
		{edit(t, whole, path("program.so"), set(16, 2)), "no shared library"},
		{path("library.so"), "no PJRT plugin"},
	} {
		t.Run(filepath.Base(c.path), func(t *testing.T) {
			err := plugin.Inspect(c.path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("got error %v, want one with %q and the path", err, c.want)
			}
		})
	}
}
