package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixtures are the files of a folder or archive, in the order in which an archive holds them. A name with a final slash
// is a folder.
type fixtures []struct {
	name string
	data []byte
}

// cifarFixtures are perClass JPEG images of each of ten classes for training and one for testing.
func cifarFixtures(perClass int) fixtures {
	var files fixtures
	for class := range 10 {
		for i := range perClass {
			name := "train/class" + string(rune('a'+class)) + "/000" + string(rune('0'+i)) + ".jpg"
			files = append(files, fixtures{{name, jpegOf(32, 32, uint8(20*class), uint8(i))}}...)
		}
		name := "test/class" + string(rune('a'+class)) + "/0000.jpg"
		files = append(files, fixtures{{name, jpegOf(32, 32, uint8(20*class), 99)}}...)
	}
	return files
}

// with returns the files with some replaced or added.
func (files fixtures) with(name string, data []byte) fixtures {
	changed := append(fixtures(nil), files...)
	for i := range changed {
		if changed[i].name == name {
			changed[i].data = data
			return changed
		}
	}
	return append(changed, fixtures{{name, data}}...)
}

// folder writes the files into a new folder of the given name and returns its path.
func (files fixtures) folder(t testing.TB, name string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), name)
	for _, file := range files {
		path := filepath.Join(root, filepath.FromSlash(file.name))
		if strings.HasSuffix(file.name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, file.data, 0o644))
	}
	return root
}

// zip writes the files into a new zip of the given name and returns its path.
func (files fixtures) zip(t testing.TB, name string) string {
	t.Helper()
	return writeFile(t, name, files.zipped(t))
}

// writeFile writes a file into a new folder and returns its path.
func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, data, 0o644))
	return path
}

// zipped returns the files as the bytes of a zip.
func (files fixtures) zipped(t testing.TB) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, file := range files {
		writer, err := archive.Create(file.name)
		must(t, err)
		_, err = writer.Write(file.data)
		must(t, err)
	}
	must(t, archive.Close())
	return buffer.Bytes()
}

// tarred returns the files as the bytes of a tar.
func (files fixtures) tarred(t testing.TB) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := tar.NewWriter(&buffer)
	for _, file := range files {
		header := &tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.data)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(file.name, "/") {
			header.Typeflag, header.Mode = tar.TypeDir, 0o755
		}
		must(t, archive.WriteHeader(header))
		_, err := archive.Write(file.data)
		must(t, err)
	}
	must(t, archive.Close())
	return buffer.Bytes()
}

// gzipped packs data.
func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, err := writer.Write(data)
	must(t, err)
	must(t, writer.Close())
	return buffer.Bytes()
}

// plainImage is an image of one colour.
func plainImage(width, height int, red, green uint8) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		picture.SetRGBA(i%width, i/width, color.RGBA{red, green, 100, 255})
	}
	return picture
}

// jpegOf is a JPEG file of one colour.
func jpegOf(width, height int, red, green uint8) []byte {
	var buffer bytes.Buffer
	if err := jpeg.Encode(&buffer, plainImage(width, height, red, green), &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

// pngOf is a PNG file of one colour.
func pngOf(width, height int, red, green uint8) []byte {
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, plainImage(width, height, red, green)); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks that the error mentions all of the words.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that mentions %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not mention %q", err, word)
		}
	}
}
