package endtoend

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// The lines of a run's log at which something goes wrong: while it trains, and while it evaluates.
const (
	whileTraining   = "epoch   1"
	whileEvaluating = "evaluated on test"
)

// longRun are the flags of a run that has time to go wrong.
func longRun(out string, more ...string) []string {
	return smallRun(out, append([]string{"--epochs", "8", "--test-limit", "400"}, more...)...)
}

// goesWrong starts a command, halts it when its log has the text, lets something happen, and waits for the end. The
// command must fail with the status, and say in one line what the words name.
func goesWrong(t *testing.T, command *exec.Cmd, text string, status int, happens func(), says ...string) {
	t.Helper()
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	buffer := make([]byte, 256)
	for text != "" && !strings.Contains(seen.String(), text) {
		n, err := log.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("it ended before it wrote %q:\n%s", text, seen.String())
		}
	}
	send(t, command, syscall.SIGSTOP)
	waitUntilHalted(t, command.Process.Pid)
	happens()
	send(t, command, syscall.SIGCONT)
	if _, err := io.Copy(&seen, log); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	checkFailure(t, command, seen.String(), status, says...)
}

// goOn lets a halted process go on for a while.
func goOn(t *testing.T, command *exec.Cmd, while time.Duration) {
	t.Helper()
	send(t, command, syscall.SIGCONT)
	time.Sleep(while)
	send(t, command, syscall.SIGSTOP)
	waitUntilHalted(t, command.Process.Pid)
}

// waitUntilHalted waits until a process that was told to has stopped, or has ended before.
func waitUntilHalted(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(status), "State:\tT") || strings.Contains(string(status), "State:\tZ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not stop")
}

func send(t *testing.T, command *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	if err := command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// checkGoesOn makes sure that what a failed run left is whole, and that the same command finishes it.
func checkGoesOn(t *testing.T, out string, args []string, resumed int) {
	t.Helper()
	succeed(t, dismax(t, "verify", "--quiet", out))
	checkFinishes(t, out, args, resumed)
}

// checkFinishes makes sure that the command finishes the run in the folder, which was continued so often.
func checkFinishes(t *testing.T, out string, args []string, resumed int) {
	t.Helper()
	succeed(t, dismax(t, args...))
	succeed(t, dismax(t, "verify", "--quiet", out))
	if got := read(t, out); got.Resumed != resumed || len(got.Epochs) != 8 {
		t.Errorf("resumed %d times, with %d epochs; want %d times and 8", got.Resumed, len(got.Epochs), resumed)
	}
}

// smallDisk mounts a disk of 24 MB for the test.
func smallDisk(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("only root can mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fill leaves no room on a disk, and returns how to make room again.
func fill(t *testing.T, disk string) (empty func()) {
	t.Helper()
	file, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(file.Name()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskEndsARunThatGoesOnWhenThereIsRoom(t *testing.T) {
	for _, moment := range []string{whileTraining, whileEvaluating} {
		disk := smallDisk(t)
		out := filepath.Join(disk, "run")
		var empty func()
		goesWrong(t, dismax(t, longRun(out)...), moment, 1, func() { empty = fill(t, disk) }, out, "no space left on device")
		empty()
		checkGoesOn(t, out, longRun(out), 1-strings.Count(moment, whileEvaluating))
	}
}

func TestAFullDiskLeavesFinishedRecordsAndDetectors(t *testing.T) {
	disk := smallDisk(t)
	out, detector := filepath.Join(disk, "run"), filepath.Join(disk, "x.dismax")
	succeed(t, dismax(t, longRun(out)...))
	succeed(t, dismax(t, "export", out, detector))
	before := read(t, out)
	again := longRun(out, "--again", "--convention", "field", "--ood", "synthetic-near")
	empty := func() {}
	goesWrong(t, dismax(t, again...), whileEvaluating, 1, func() { empty = fill(t, disk) }, out, "no space left on device")
	for name, args := range map[string][]string{
		"export":  {"export", out, detector},
		"weights": {"export", out, filepath.Join(disk, "x.safetensors")},
		"report":  {"report", out, "--out", filepath.Join(disk, "report")},
	} {
		command := dismax(t, args...)
		output, _ := command.CombinedOutput()
		t.Log(name)
		checkFailure(t, command, string(output), 1, disk, "no space left on device")
	}
	if after := read(t, out); !after.Created.Equal(before.Created) {
		t.Errorf("the finished record is of %s, want %s", after.Created, before.Created)
	}
	succeed(t, dismax(t, "verify", "--quiet", out, detector))
	empty()
	succeed(t, dismax(t, again...))
	if got := read(t, out).Spec.Convention; got != "field" {
		t.Errorf("evaluated again: convention %q, want field", got)
	}
}

// Without root, the largest file that a process may write stands for the disk.
func TestALimitOfFileSizesEndsARunThatGoesOnWithoutIt(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	stopped := dismax(t, longRun(out)...)
	goesWrong(t, stopped, whileTraining, 143, func() { send(t, stopped, syscall.SIGTERM) }, "goes on from the checkpoint")
	limited := dismax(t, longRun(out)...)
	limited.Args = append([]string{"sh", "-c", `ulimit -f 100 && exec "$0" "$@"`, limited.Path}, limited.Args[1:]...)
	limited.Path = "/bin/sh"
	goesWrong(t, limited, "", 1, func() {}, out, "file too large")
	checkGoesOn(t, out, longRun(out), 1)
}

func TestADiskThatBecomesReadOnlyEndsARunThatGoesOnLater(t *testing.T) {
	for _, moment := range []string{whileTraining, whileEvaluating} {
		disk := smallDisk(t)
		out := filepath.Join(disk, "run")
		remount := func(flags uintptr) error { return syscall.Mount("", disk, "", syscall.MS_REMOUNT|flags, "") }
		run := dismax(t, longRun(out)...)
		goesWrong(t, run, moment, 1, func() {
			err := remount(syscall.MS_RDONLY)
			for range 1000 {
				if !errors.Is(err, syscall.EBUSY) {
					break
				}
				goOn(t, run, time.Millisecond) // it was halted with a file open for writing
				err = remount(syscall.MS_RDONLY)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, out, "read-only file system")
		goesWrong(t, dismax(t, longRun(out)...), "", 1, func() {}, out, "read-only file system")
		if err := remount(0); err != nil {
			t.Fatal(err)
		}
		checkGoesOn(t, out, longRun(out), 1-strings.Count(moment, whileEvaluating))
	}
}

// unprivileged lets a command run as a user whom permissions bind, and gives that user the folder, whose parent is the
// test's own.
func unprivileged(t *testing.T, command *exec.Cmd, folder string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		return command
	}
	const nobody = 65534
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	for _, err := range []error{os.Chmod(filepath.Dir(command.Path), 0o755), os.Chmod(filepath.Dir(folder), 0o755),
		os.Chown(folder, nobody, nobody)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return command
}

func TestWithoutPermissionARunEndsAndGoesOnWithIt(t *testing.T) {
	for _, moment := range []string{whileTraining, whileEvaluating} {
		parent := t.TempDir()
		start := func(out string) *exec.Cmd { return unprivileged(t, dismax(t, longRun(out)...), parent) }
		out := filepath.Join(parent, "run")
		permit := func(mode os.FileMode) func() {
			return func() {
				for _, folder := range []string{out, filepath.Join(out, "checkpoint"), filepath.Join(out, "logits")} {
					if err := os.Chmod(folder, mode); err != nil && !errors.Is(err, os.ErrNotExist) {
						t.Fatal(err)
					}
				}
			}
		}
		goesWrong(t, start(out), moment, 1, permit(0o555), out, "permission denied")
		goesWrong(t, start(out), "", 1, func() {}, out, "permission denied")
		permit(0o755)()
		succeed(t, dismax(t, "verify", "--quiet", out))
		if text, err := start(out).CombinedOutput(); err != nil {
			t.Errorf("with permission again: %v\n%s", err, text)
		}
		succeed(t, dismax(t, "verify", "--quiet", out))
	}
}

func TestAFolderThatIsRemovedDuringARunIsOneLine(t *testing.T) {
	for _, moment := range []string{whileTraining, whileEvaluating} {
		out := filepath.Join(t.TempDir(), "run")
		remove := func() {
			if err := os.RemoveAll(out); err != nil {
				t.Fatal(err)
			}
		}
		goesWrong(t, dismax(t, longRun(out)...), moment, 1, remove, out)
		if _, err := record.Read(out); err == nil {
			t.Errorf("%s: there is a record", moment)
		}
		checkFinishes(t, out, longRun(out), 0)
	}
}

// imagesToLose writes images of two classes, and returns the arguments of a run on them and the file of one that it
// trains on, or validates with.
func imagesToLose(t *testing.T, out string) (folder, file string, args []string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "own")
	for _, class := range []string{"test/0", "test/1", "train/0", "train/1"} {
		if err := os.MkdirAll(filepath.Join(folder, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 80 {
			file = filepath.Join(folder, class, fmt.Sprintf("%d.png", i))
			writeFile(t, file, picture(color.RGBA{class[len(class)-1], uint8(i), 50, 255}))
		}
	}
	return folder, file, []string{"run", "--data", folder, "--ood", "synthetic-far", "--model", "resnet8", "--epochs", "8",
		"--batch-size", "16", "--validation-share", "0.2", "--out", out}
}

func TestDataThatVanishesOrChangesBetweenSessionsIsRefusedUntilItIsBack(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	folder, file, args := imagesToLose(t, out)
	stopped := dismax(t, args...)
	goesWrong(t, stopped, whileTraining, 143, func() { send(t, stopped, syscall.SIGTERM) }, "goes on from the checkpoint")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change, back func() error
		status       int
		says         string
	}{
		"the folder is gone": {func() error { return os.Rename(folder, folder+"-gone") },
			func() error { return os.Rename(folder+"-gone", folder) }, 2, "no such file or folder"},
		"an image is gone": {func() error { return os.Remove(file) },
			func() error { return os.WriteFile(file, was, 0o644) }, 1, "SHA-256"},
		"an image changed": {func() error { return os.WriteFile(file, picture(color.White), 0o644) },
			func() error { return os.WriteFile(file, was, 0o644) }, 1, "SHA-256"},
		"an image is damaged": {func() error { return os.WriteFile(file, was[:len(was)/2], 0o644) },
			func() error { return os.WriteFile(file, was, 0o644) }, 1, filepath.Base(file)},
	} {
		if err := test.change(); err != nil {
			t.Fatal(err)
		}
		t.Log(name)
		goesWrong(t, dismax(t, args...), "", test.status, func() {}, test.says)
		if err := test.back(); err != nil {
			t.Fatal(err)
		}
	}
	checkGoesOn(t, out, args, 1)
}

// Images as large as these take half a minute to read.
func TestDataThatVanishesOrChangesWhileItIsReadIsOneLine(t *testing.T) {
	large := pictureOf(color.White, 2000)
	for name, test := range map[string]struct {
		happens func(folder, file string) error
		says    string
	}{
		"vanishes": {func(folder, _ string) error { return os.Rename(folder, folder+"-gone") }, "no such file"},
		"changes":  {func(_, file string) error { return os.WriteFile(file, append(large, 0), 0o644) }, "changed while"},
	} {
		folder := filepath.Join(t.TempDir(), "own")
		file := filepath.Join(folder, "0", "0.png")
		for class := range 2 {
			if err := os.MkdirAll(filepath.Join(folder, fmt.Sprint(class)), 0o755); err != nil {
				t.Fatal(err)
			}
			for i := range 500 {
				path := filepath.Join(folder, fmt.Sprint(class), fmt.Sprintf("%d.png", i))
				if path == file {
					writeFile(t, file, large)
				} else if err := os.Link(file, path); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Log(name)
		command := dismax(t, "run", "--data", folder, "--out", filepath.Join(t.TempDir(), "run"))
		goesWrong(t, command, "", 1, func() {
			send(t, command, syscall.SIGCONT)
			time.Sleep(time.Second)
			if err := test.happens(folder, file); err != nil {
				t.Fatal(err)
			}
		}, ".png", test.says)
	}
}
