package gpu

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// programs puts a script in the place of the program that tests golden values, and of no other. It says which process
// it is.
func programs(t *testing.T, folder, script string) {
	t.Helper()
	work := filepath.Join(folder, "work")
	if err := os.MkdirAll(filepath.Join(work, "programs"), 0o755); err != nil {
		t.Fatal(err)
	}
	script = "#!/bin/bash\necho $$ >" + filepath.Join(folder, "process") + "\necho \"$@\"\n" + script
	for name, content := range map[string]string{"programs/tests-golden.test": script, "programs.complete": ""} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStepIsDoneOnlyWhenItIs(t *testing.T) {
	const passes, hangs = "echo '--- PASS: TestFirst (0.00s)'\n", "exec sleep 100\n"
	folder := t.TempDir()
	for i, attempt := range []struct{ program, says string }{
		{passes + hangs, "goes on"},
		{"echo '--- FAIL: TestSecond (0.00s)'\nexit 1\n", "FAILED \\(1\\)"},
		{"", "All of it is done"},
		{"exit 1\n", "FAILED \\(1\\)"},
	} {
		programs(t, folder, attempt.program)
		command := script(t, append(arguments(folder), "tests")...)
		command.Env = append(command.Env, "DISMAX_GPU_STEP_LIMIT=1")
		printed, err := command.CombinedOutput()
		done := strings.HasPrefix(attempt.says, "All")
		if (err == nil) != done || !regexp.MustCompile(attempt.says).Match(printed) {
			t.Errorf("attempt %d: %v\n%s", i, err, printed)
		}
		if _, err := os.Stat(filepath.Join(folder, "out", "done", "tests")); (err == nil) != done {
			t.Errorf("attempt %d: the mark that the step is done: %v", i, err)
		}
	}
	checkHolds(t, filepath.Join(folder, "out", "tests", "tests-golden.log"), `-test.skip=\^\(TestFirst\)\$`)
}

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
