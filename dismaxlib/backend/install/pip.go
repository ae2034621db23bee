package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pollInterval is how often the size of what pip has downloaded is looked at.
const pollInterval = 200 * time.Millisecond

// pipDownload fetches the files of the requirements with the machine's pip, which checks their checksums, and returns
// their paths in a folder below the given one. It tells progress the number of bytes that are there so far.
func pipDownload(ctx context.Context, requirements, folder string, progress func(done int64)) ([]string, error) {
	python, err := exec.LookPath("python3")
	if err != nil {
		return nil, errors.New("it is fetched by pip, and there is no python3 on PATH: " + howToGetPip)
	}
	wheels, temporary := filepath.Join(folder, "wheels"), filepath.Join(folder, "temporary")
	for _, made := range []string{wheels, temporary} {
		if err := os.MkdirAll(made, 0o755); err != nil {
			return nil, err
		}
	}
	list := filepath.Join(folder, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return nil, err
	}
	stop := watch(folder, progress)
	output, err := runPip(ctx, python, list, wheels, temporary)
	stop()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, pipError(err, output)
	}
	return filepath.Glob(filepath.Join(wheels, "*.whl"))
}

// runPip downloads the requirements in the file list into the folder wheels, and returns what pip wrote.
func runPip(ctx context.Context, python, list, wheels, temporary string) (output string, err error) {
	command := exec.CommandContext(ctx, python, "-m", "pip", "download", "--no-deps", "--require-hashes",
		"--only-binary=:all:", "--no-cache-dir", "--progress-bar=off", "--disable-pip-version-check", "--no-input",
		"--requirement", list, "--dest", wheels)
	command.Env = append(os.Environ(), "TMPDIR="+temporary, "PIP_REQUIRE_VIRTUALENV=0")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	written, err := command.CombinedOutput()
	return string(written), err
}

const howToGetPip = "install Python 3 with pip (on Debian and Ubuntu the package python3-pip), " +
	"or copy the installed files from a machine that has it"

// pipError finds the line of pip's output that says why.
func pipError(err error, output string) error {
	var why []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "No module named pip") {
			return errors.New("python3 has no pip: " + howToGetPip)
		}
		if message, found := strings.CutPrefix(line, "ERROR: "); found {
			why = append(why, message)
		}
	}
	if len(why) == 0 {
		return fmt.Errorf("python3 -m pip download: %w: %s", err, strings.Join(strings.Fields(output), " "))
	}
	last := why[len(why)-1]
	if strings.Contains(output, "Retrying (Retry(") {
		last += "; it could not connect: check the network, the proxy and pip's index"
	}
	return fmt.Errorf("python3 -m pip download: %s", last)
}

// watch tells progress the size of the folder until the returned function is called.
func watch(folder string, progress func(done int64)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for ticker := time.NewTicker(pollInterval); ; {
			select {
			case <-done:
				ticker.Stop()
				return
			case <-ticker.C:
				progress(sizeOf(folder))
			}
		}
	}()
	return func() { close(done); <-ended }
}

// sizeOf adds the sizes of the files that are there; pip removes some meanwhile.
func sizeOf(folder string) (size int64) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
