package install

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const content = "a plugin"

// fakePip puts a python3 on PATH that does what the shell commands say; $2 is the folder for what it downloads.
func fakePip(t *testing.T, commands string) {
	t.Helper()
	folder := t.TempDir()
	script := "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\n" + commands + "\n"
	if err := os.WriteFile(filepath.Join(folder, "python3"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":/usr/bin:/bin")
}

// makeWheel writes a wheel with the files and returns its path.
func makeWheel(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made-1.0-py3-none-any.whl")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	for name, content := range files {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, content)
	}
	if err := errors.Join(archive.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// smallCPUJob installs a plugin that holds content, into a folder that holds nothing else.
func smallCPUJob(t *testing.T) *job {
	sum := sha256.Sum256([]byte(content))
	target := filepath.Join(t.TempDir(), "lib", cpuFile)
	return newCPUJob(target, cpuBuild{wheel: 1000, size: int64(len(content)), sha256: hex.EncodeToString(sum[:])})
}

// quiet are options that keep what is said.
func quiet(said *[]string) Options {
	return Options{
		Say:      func(line string) { *said = append(*said, line) },
		Progress: func(string, int64, int64) {},
	}
}

// checkFiles compares the names in the folder.
func checkFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s holds %q, want %q", folder, got, want)
	}
}

func TestThePluginIsTakenOutOfItsWheelOnce(t *testing.T) {
	j := smallCPUJob(t)
	wheel := makeWheel(t, map[string]string{cpuMember: content, "other": "x"})
	fakePip(t, `cp "`+wheel+`" "$2"`)
	var said []string
	if err := j.run(t.Context(), quiet(&said)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(j.target); err != nil || string(got) != content {
		t.Errorf("the plugin holds %q (error: %v), want %q", got, err, content)
	}
	checkFiles(t, filepath.Dir(j.target), cpuFile)
	if len(said) != 1 || !strings.Contains(said[0], "on the disk in "+j.target) {
		t.Errorf("said %q, want where it goes", said)
	}
	fakePip(t, "exit 1")
	said = nil
	if err := j.run(t.Context(), quiet(&said)); err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || !strings.Contains(said[0], "intact: nothing to fetch") {
		t.Errorf("the second time: said %q, want that nothing is fetched", said)
	}
}

func TestWhatFailsLeavesTheFormerPluginAndNothingElse(t *testing.T) {
	other := makeWheel(t, map[string]string{cpuMember: "another plugin"})
	empty := makeWheel(t, map[string]string{"other": "x"})
	for _, c := range []struct{ name, commands, want string }{
		{"pip's words", "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'; exit 1", "DO NOT MATCH"},
		{"no network", "echo 'WARNING: Retrying (Retry(total=0'; echo 'ERROR: No distribution'; exit 1", "could not connect"},
		{"no pip", "echo 'python3: No module named pip' >&2; exit 1", "python3-pip"},
		{"no wheel", "exit 0", "pip fetched 0 files"},
		{"a cut wheel", `head -c 40 "` + other + `" > "$2/cut.whl"`, "cut.whl"},
		{"another plugin in it", `cp "` + other + `" "$2"`, "has the SHA-256"},
		{"no plugin in it", `cp "` + empty + `" "$2"`, "has no " + cpuMember},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := smallCPUJob(t)
			if err := os.MkdirAll(filepath.Dir(j.target), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(j.target, []byte("former"), 0o644); err != nil {
				t.Fatal(err)
			}
			fakePip(t, c.commands)
			err := j.run(t.Context(), quiet(new([]string)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			checkFiles(t, filepath.Dir(j.target), cpuFile)
			if got, _ := os.ReadFile(j.target); string(got) != "former" {
				t.Errorf("the plugin holds %q, want what was there", got)
			}
		})
	}
}

func TestWithoutPythonTheErrorSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	j := smallCPUJob(t)
	err := j.run(t.Context(), quiet(new([]string)))
	for _, want := range []string{"no python3 on PATH", "python3-pip"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	checkFiles(t, filepath.Dir(j.target))
}

func TestAnInterruptLeavesNothing(t *testing.T) {
	j := smallCPUJob(t)
	fakePip(t, `echo half > "$2/half.whl"; exec sleep 60`)
	ctx, cancel := context.WithCancel(t.Context())
	options := quiet(new([]string))
	options.Progress = func(_ string, done, _ int64) {
		if done > 0 {
			cancel()
		}
	}
	start := time.Now()
	if err := j.run(ctx, options); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v after %v, want %v", err, time.Since(start), context.Canceled)
	}
	checkFiles(t, filepath.Dir(j.target))
}

func TestPackagesAreUnpackedWholeAndCheckedAgain(t *testing.T) {
	sum := sha256.Sum256([]byte(content))
	record := "nvidia/lib.so,sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]) + ",8\nmade-1.0.dist-info/RECORD,,\n"
	wheel := makeWheel(t, map[string]string{"nvidia/lib.so": content, "made-1.0.dist-info/RECORD": record})
	j := newCUDAJob(filepath.Join(t.TempDir(), "lib", "cuda13"), "# one\nmade==1.0 --hash=sha256:0\n")
	library := filepath.Join(j.target, "nvidia", "lib.so")
	fakePip(t, `cp "`+wheel+`" "$2"`)
	for _, before := range []string{"nothing", "a damaged file"} {
		if err := j.run(t.Context(), quiet(new([]string))); err != nil {
			t.Fatalf("after %s: %v", before, err)
		}
		if got, err := os.ReadFile(library); err != nil || string(got) != content {
			t.Errorf("after %s: the library holds %q (error: %v), want %q", before, got, err, content)
		}
		checkFiles(t, filepath.Dir(j.target), "cuda13")
		if !j.intact(t.Context()) {
			t.Errorf("after %s: not intact", before)
		}
		if err := os.WriteFile(library, []byte("damaged!"), 0o644); err != nil {
			t.Fatal(err)
		}
		if j.intact(t.Context()) {
			t.Errorf("after %s: a damaged file is called intact", before)
		}
	}
}

func TestAWheelThatReachesOutOfItsFolderIsRefused(t *testing.T) {
	folder := t.TempDir()
	wheel := makeWheel(t, map[string]string{"../outside": "x"})
	err := unpackWheel(t.Context(), wheel, filepath.Join(folder, "packages"), func(int64) {})
	if err == nil || !strings.Contains(err.Error(), "outside") {
		t.Errorf("got error %v, want one that names the file", err)
	}
	checkFiles(t, folder)
}

func TestAnUnknownKindIsAnErrorThatNamesTheKinds(t *testing.T) {
	_, err := Plugin(t.Context(), "tpu", Options{})
	if err == nil || !strings.Contains(err.Error(), "cpu") {
		t.Errorf("got error %v, want one that names cpu", err)
	}
}
