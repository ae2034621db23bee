//go:build unix

package gpu

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWhatEndsTheScriptEndsItsPrograms(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		folder := t.TempDir()
		programs(t, folder, "exec sleep 100\n")
		command := script(t, append(arguments(folder), "tests")...)
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		program := waitForProcess(t, filepath.Join(folder, "process"))
		if err := syscall.Kill(-command.Process.Pid, signal); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err == nil {
			t.Errorf("%v: the script says that all is done", signal)
		}
		for begun := time.Now(); syscall.Kill(program, 0) == nil; time.Sleep(10 * time.Millisecond) {
			if time.Since(begun) > 30*time.Second {
				t.Fatalf("%v: its program goes on as process %d", signal, program)
			}
		}
	}
}

// waitForProcess returns the number in the file, as soon as it is there.
func waitForProcess(t *testing.T, path string) int {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(10 * time.Millisecond) {
		content, _ := os.ReadFile(path)
		if number, err := strconv.Atoi(strings.TrimSpace(string(content))); err == nil {
			return number
		}
	}
	t.Fatal("the program was not started")
	return 0
}
