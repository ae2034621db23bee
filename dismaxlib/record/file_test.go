package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func example() *Record {
	return &Record{
		Created:                  time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		Spec:                     Spec{Dataset: "cifar10", OutOfDistribution: []string{"svhn"}, Protocol: HeldOut},
		Epochs:                   []Epoch{{Loss: 1.5}},
		InferenceImagesPerSecond: 12.5,
	}
}

func TestReadReturnsWhatWriteStored(t *testing.T) {
	folder, want := t.TempDir(), example()
	if err := Write(folder, want); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, filepath.Join(folder, FileName)} {
		got, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Read(%s): got %+v, want %+v", path, got, want)
		}
	}
}

func TestWriteLeavesNothingBehindWhenItFails(t *testing.T) {
	folder := t.TempDir()
	broken := example()
	broken.Test.Accuracy = math.NaN()
	if err := Write(folder, broken); err == nil {
		t.Error("a record with NaN was written; JSON cannot hold it")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("got %v (%v), want an empty folder", entries, err)
	}
	missing := filepath.Join(folder, "missing")
	if err := Write(missing, example()); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v, want an error that names %s", err, missing)
	}
	blocked := t.TempDir()
	if err := os.MkdirAll(filepath.Join(blocked, FileName, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(blocked, example()); err == nil || !strings.Contains(err.Error(), filepath.Join(blocked, FileName)) {
		t.Errorf("got %v, want an error that names %s", err, filepath.Join(blocked, FileName))
	}
	if entries, _ := os.ReadDir(blocked); len(entries) != 1 {
		t.Errorf("got %v, want no temporary file", entries)
	}
}

func TestReadNamesTheFileThatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ path, want string }{
		{filepath.Join(folder, "missing"), "missing"},
		{folder, filepath.Join(folder, FileName) + ": no such file or directory (has the run finished?)"},
		{file("cut.json", `{"format": 1`), "cut.json is not a results record"},
		{file("old.json", `{"format": 99}`), "old.json has record format 99, this program reads 2: make it anew"},
	} {
		if _, err := Read(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Read(%s): got %v, want %q in it", test.path, err, test.want)
		}
	}
}

func TestAnyChangedByteOfARecordIsNoticed(t *testing.T) {
	folder := t.TempDir()
	if err := Write(folder, example()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, FileName)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range content {
		for bit := range 8 {
			changed := bytes.Clone(content)
			changed[at] ^= 1 << bit
			if _, err := decode(changed); err == nil {
				t.Fatalf("bit %d of byte %d was flipped (%q is now %q) and the record was read", bit, at, content[at], changed[at])
			}
		}
		if _, err := decode(content[:at]); err == nil {
			t.Fatalf("the record was cut to %d of %d bytes and was read", at, len(content))
		}
	}
}

func TestFieldsOfALaterVersionAreKept(t *testing.T) {
	folder, want := t.TempDir(), example()
	want.Unknown = map[string]json.RawMessage{"later": json.RawMessage(`{"a": [1, 2]}`), "more": json.RawMessage(`3`)}
	for range 2 {
		if err := Write(folder, want); err != nil {
			t.Fatal(err)
		}
		got, err := Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		var later struct{ A []int }
		if err := json.Unmarshal(got.Unknown["later"], &later); err != nil || len(later.A) != 2 || string(got.Unknown["more"]) != "3" {
			t.Fatalf("got unknown fields %s (%v), want those that were written", got.Unknown, err)
		}
		want = got
	}
}
