// Package fakeplugin builds PJRT plugins for tests with the C compiler. They can be loaded and make a client, whole or
// with one fault. [Build] is all of it.
package fakeplugin

import (
	_ "embed"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed source/plugin.c
var source string

// Build compiles a plugin into the file at path, with the C compiler's flags: -DMINOR=81, the version of its
// interface; -DPLATFORM="cpu"; -DNO_DEVICE, it makes no client; -DNO_OPTIONS, it makes none with the option preallocate;
// -DNO_ENTRY, it has no GetPjrtApi; -DNO_TABLE, that returns nothing; or others. It skips the test if there is no C
// compiler.
func Build(t testing.TB, path string, flags ...string) {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("skipped: no C compiler")
	}
	arguments := append([]string{"-shared", "-fPIC", "-x", "c", "-", "-o", path}, flags...)
	command := exec.CommandContext(t.Context(), compiler, arguments...)
	command.Stdin = strings.NewReader(source)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v: %s", filepath.Base(path), err, output)
	}
}
