package plugin_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

func TestAFileWithoutPermissionIsNamed(t *testing.T) {
	path := place(t, t.TempDir(), "secret.so")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	withoutPrivileges(t)
	if err := plugin.Inspect(path); err == nil || !strings.Contains(err.Error(), "permission") {
		t.Errorf("got error %v, want one about permissions", err)
	}
}

// withoutPrivileges lets permissions of files bind the test, also that of root, who reads everything: its thread has them
// of nobody from now on.
func withoutPrivileges(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setfsuid(0); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	})
}
