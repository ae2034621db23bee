package filetree_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// everyForm writes the files as a folder, a zip, a tar and two compressed tars.
func everyForm(t testing.TB, files fixture.Files) []string {
	t.Helper()
	tarred := files.Tarred(t)
	return []string{files.Folder(t, "own"), files.Zip(t, "own.zip"), fixture.Write(t, "own.tar", tarred),
		fixture.Write(t, "own.tar.gz", fixture.Gzip(t, tarred)), fixture.Write(t, "own.tgz", fixture.Gzip(t, tarred))}
}

func TestEveryFormHasTheSameFiles(t *testing.T) {
	files := fixture.Files{{"b/2.png", []byte("two")}, {"b/1.png", []byte("one")}, {"a.txt", nil}, {"empty/", nil},
		{".hidden", []byte("x")}, {"__MACOSX/b/._1.png", []byte("x")}}
	for _, path := range everyForm(t, files) {
		tree, err := filetree.Open(t.Context(), path, 0)
		fixture.Must(t, err)
		var got []string
		for _, file := range tree.Files {
			data, err := tree.Read(t.Context(), file, 100)
			fixture.Must(t, err)
			got = append(got, file.Name+"="+string(data))
		}
		if want := []string{"a.txt=", "b/1.png=one", "b/2.png=two"}; !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", path, got, want)
		}
		if !slices.Contains(tree.Folders, "empty") {
			t.Errorf("%s has the folders %q, want empty among them", path, tree.Folders)
		}
		_, err = tree.Read(t.Context(), tree.Files[1], 2)
		if _, ok := errors.AsType[*bounded.TooLarge](err); !ok {
			t.Errorf("%s: three bytes within a limit of two: got %v, want an error of size", path, err)
		}
		fixture.Must(t, tree.Close())
	}
}

func TestOfSeveralFilesWithOneNameTheLastCounts(t *testing.T) {
	files := fixture.Files{{"a/1.png", []byte("first")}, {"./a/1.png", []byte("second")}, {`a\1.png`, []byte("third")},
		{"a/2.png", []byte("other")}}
	for _, path := range everyForm(t, files)[1:] { // a folder cannot hold two files with one name
		tree, err := filetree.Open(t.Context(), path, 0)
		fixture.Must(t, err)
		if len(tree.Files) != 2 {
			t.Fatalf("%s holds %d files, want 2", path, len(tree.Files))
		}
		data, err := tree.Read(t.Context(), tree.Files[0], 100)
		fixture.Must(t, err)
		if string(data) != "third" {
			t.Errorf("%s: a/1.png holds %q, want what came last", path, data)
		}
		fixture.Must(t, tree.Close())
	}
}

func TestCompressedTarTakesNoMoreMemoryThanAllowed(t *testing.T) {
	path := fixture.Write(t, "bomb.tar.gz", fixture.Gzip(t, fixture.Files{{"a/1.png", make([]byte, 4<<20)}}.Tarred(t)))
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := filetree.Open(t.Context(), path, 2<<20)
	runtime.ReadMemStats(&after)
	fixture.WantError(t, err, "bomb.tar.gz", "a/1.png", "4.2 MB of memory", "limit is 2.1 MB")
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
		t.Errorf("took %d bytes before it refused", taken)
	}
	tree, err := filetree.Open(t.Context(), path, 5<<20)
	fixture.Must(t, err)
	if len(tree.Files) != 1 || tree.Files[0].Size != 4<<20 {
		t.Errorf("got %v with a raised limit, want the file", tree.Files)
	}
	var many fixture.Files
	for i := range 1000 {
		many = append(many, fixture.Files{{string(rune('a'+i%26)) + string(rune('0'+i)), nil}}...)
	}
	_, err = filetree.Open(t.Context(), fixture.Write(t, "many.tgz", fixture.Gzip(t, many.Tarred(t))), 100_000)
	fixture.WantError(t, err, "many.tgz", "limit is 100 kB")
}

func TestOpeningEndsWithTheContext(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, path := range everyForm(t, fixture.Files{{"a/1.png", []byte("one")}}) {
		if _, err := filetree.Open(stopped, path, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want the error of the context", path, err)
		}
		tree, err := filetree.Open(t.Context(), path, 0)
		fixture.Must(t, err)
		if _, err := tree.Read(stopped, tree.Files[0], 100); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: read with the error %v, want that of the context", path, err)
		}
		fixture.Must(t, tree.Close())
	}
}

func TestNamesOfArchives(t *testing.T) {
	for name, want := range map[string]string{"a.zip": "a", "A.ZIP": "A", "a.tar.gz": "a", "a.tgz": "a", "a.tar": "a",
		"v1.5": "v1.5", "a.zip.txt": "a.zip.txt"} {
		if got := filetree.TrimArchive(name); got != want || filetree.IsArchive(name) != (want != name) {
			t.Errorf("TrimArchive(%q) = %q, IsArchive %t; want %q", name, got, filetree.IsArchive(name), want)
		}
	}
}

// readAll opens an archive and reads its files: an error or files, never a panic, and never more than is declared.
func readAll(t *testing.T, path string) {
	tree, err := filetree.Open(t.Context(), path, 1<<16)
	if err != nil {
		return
	}
	defer tree.Close()
	for i, file := range tree.Files {
		data, err := tree.Read(t.Context(), file, 1<<12)
		if err == nil && int64(len(data)) > file.Size {
			t.Errorf("%s declares %d bytes and has %d", file.Name, file.Size, len(data))
		}
		if i > 0 && tree.Files[i-1].Name >= file.Name {
			t.Errorf("%q comes before %q", tree.Files[i-1].Name, file.Name)
		}
	}
}

// FuzzZip opens any bytes as a zip. The seeds are small, since the fuzzer tries to leave out every part of an input.
func FuzzZip(f *testing.F) {
	var stored bytes.Buffer
	archive := zip.NewWriter(&stored)
	_, err := archive.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Store})
	fixture.Must(f, err)
	fixture.Must(f, archive.Close())
	f.Add(stored.Bytes())
	f.Add([]byte("PK\x05\x06"))
	path := filepath.Join(f.TempDir(), "own.zip")
	f.Fuzz(func(t *testing.T, data []byte) {
		fixture.Must(t, os.WriteFile(path, data, 0o644))
		readAll(t, path)
	})
}

// FuzzTar opens tars, packed and not, whose headers are in order and whose entries are anything.
func FuzzTar(f *testing.F) {
	f.Add("a/1.png", []byte("one"), byte(tar.TypeReg), uint16(0))
	f.Add("./b/", []byte(nil), byte(tar.TypeDir), uint16(0))
	f.Add("../c", []byte("three"), byte(tar.TypeSymlink), uint16(600))
	plain, packed := filepath.Join(f.TempDir(), "own.tar"), filepath.Join(f.TempDir(), "own.tgz")
	zipper, err := gzip.NewWriterLevel(io.Discard, gzip.HuffmanOnly)
	fixture.Must(f, err)
	f.Fuzz(func(t *testing.T, name string, content []byte, kind byte, cut uint16) {
		var file, zipped bytes.Buffer
		archive := tar.NewWriter(&file)
		for range 2 {
			header := &tar.Header{Name: name, Typeflag: kind, Size: int64(len(content)), Mode: 0o644}
			if err := archive.WriteHeader(header); err != nil {
				return
			}
			_, _ = archive.Write(content)
		}
		data := file.Bytes()[:max(0, file.Len()-int(cut))]
		zipper.Reset(&zipped)
		_, _ = zipper.Write(data)
		fixture.Must(t, zipper.Close())
		fixture.Must(t, os.WriteFile(plain, data, 0o644))
		fixture.Must(t, os.WriteFile(packed, zipped.Bytes(), 0o644))
		readAll(t, plain)
		readAll(t, packed)
	})
}
