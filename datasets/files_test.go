package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFolderAndZipGiveTheSameSet(t *testing.T) {
	files := cifarFixtures(3)
	folder, err := Open(t.Context(), "cifar10", Options{Data: files.folder(t, "cifar10")})
	must(t, err)
	zipped, err := Open(t.Context(), "cifar10", Options{Data: files.zip(t, "cifar10-jpeg.zip")})
	must(t, err)
	if folder.Train.SHA256() != zipped.Train.SHA256() || folder.Test.SHA256() != zipped.Test.SHA256() {
		t.Error("the folder and the zip of the same files have other checksums")
	}
	if folder.Found != "cifar10" || zipped.Found != "cifar10-jpeg.zip" {
		t.Errorf("found %q and %q, want the base names", folder.Found, zipped.Found)
	}
	want := "cifar10: 30 training and 10 test images of 32x32 pixels in 10 classes, from cifar10-jpeg.zip"
	if got := zipped.String(); got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if zipped.Classes[3] != "classd" || zipped.Train.Labels[9] != 3 {
		t.Errorf("class 3 is %q and image 9 of class %d, want classd and 3", zipped.Classes[3], zipped.Train.Labels[9])
	}
}

func TestLimitsDecodeOnlyTheFirstFilesOfEachClass(t *testing.T) {
	files := cifarFixtures(3).with("train/classb/0002.jpg", []byte("broken, but beyond the limit"))
	set, err := Open(t.Context(), "cifar10", Options{Data: files.zip(t, "cifar10.zip"), TrainLimit: 20, TestLimit: 5})
	must(t, err)
	if set.Train.Len() != 20 || set.Test.Len() != 5 {
		t.Errorf("got %s, want 20 and 5 images", set)
	}
}

func TestLayouts(t *testing.T) {
	image := jpegOf(32, 32, 1, 2)
	for _, test := range []struct {
		name              string
		files             []string
		testOnly          bool
		train, validation int
		test              int
		classes           string
	}{
		{"split and classes", []string{"train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg", "test/b/1.jpg"},
			false, 2, 0, 2, "a b"},
		{"under a common folder", []string{"x/y/train/a/1.jpg", "x/y/train/b/1.jpg", "x/y/test/b/1.jpg"},
			false, 2, 0, 1, "a b"},
		{"tested on val", []string{"train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg"}, false, 2, 0, 1, "a b"},
		{"images folders in the classes", []string{"Train/a/images/1.jpg", "Train/b/images/1.jpg", "Test/a/1.jpg"},
			false, 2, 0, 1, "a b"},
		{"not split", []string{"a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "b/2.jpg", "b/3.jpg"},
			false, 4, 0, 2, "a b"},
		{"flat", []string{"1.jpg", "2.jpg"}, false, 0, 0, 2, ""},
		{"flat in a folder", []string{"images/1.jpg", "images/2.jpg"}, false, 0, 0, 2, ""},
		{"only test images", []string{"test/a/1.jpg", "test/b/2.jpg"}, false, 0, 0, 2, "a b"},
		{"test images of a split set", []string{"train/a/1.jpg", "test/x/1.jpg", "test/y/2.jpg"}, true, 0, 0, 2, ""},
		{"all images of a set that is not split", []string{"a/1.jpg", "b/1.jpg", "b/2.jpg"}, true, 0, 0, 3, ""},
		{"other files beside", []string{"train/a/1.jpg", "train/b/1.jpg", "test/b/1.jpg", "train/labels.txt",
			"README.md", ".DS_Store", "__MACOSX/train/a/._1.jpg"}, false, 2, 0, 1, "a b"},
		{"its own validation images", []string{"train/a/1.jpg", "valid/a/1.jpg", "test/a/1.jpg"}, false, 1, 0, 1, "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var files fixtures
			for _, name := range test.files {
				files = files.with(name, image)
			}
			tarred := files.tarred(t)
			for _, path := range []string{files.folder(t, "own"), files.zip(t, "own.zip"),
				writeFile(t, "own.tar", tarred), writeFile(t, "own.tar.gz", gzipped(t, tarred))} {
				set, err := OpenImages(t.Context(), path, Options{TestOnly: test.testOnly})
				must(t, err)
				if set.Train.Len() != test.train || set.Validation.Len() != test.validation ||
					set.Test.Len() != test.test {
					t.Errorf("%s: got %s, want %d, %d, %d images", path, set, test.train, test.validation, test.test)
				}
				if got := strings.Join(set.Classes, " "); got != test.classes {
					t.Errorf("%s: got the classes %q, want %q", path, got, test.classes)
				}
				if test.classes == "" && set.Test.Labels != nil {
					t.Errorf("%s: images without classes have labels", path)
				}
			}
		})
	}
}

func TestValidationImagesOfTheSetAreUsedWhenAskedFor(t *testing.T) {
	image := jpegOf(32, 32, 1, 2)
	files := fixtures{{"train/a/1.jpg", image}, {"val/a/1.jpg", image}, {"test/a/1.jpg", image}}
	set, err := OpenImages(t.Context(), files.folder(t, "own"), Options{ValidationShare: 0.5})
	must(t, err)
	if set.Train.Len() != 1 || set.Validation.Len() != 1 || len(set.Notes) != 1 {
		t.Errorf("got %s with the notes %q, want one training and one validation image and a note", set, set.Notes)
	}
}

func TestOwnImagesAreResizedAndNoted(t *testing.T) {
	files := fixtures{{"a.png", pngOf(64, 48, 200, 10)}, {"b.png", pngOf(16, 16, 10, 200)}}
	set, err := Open(t.Context(), files.folder(t, "holiday"), Options{Size: 16})
	must(t, err)
	if set.Name != "holiday" || set.Test.Len() != 2 || set.Test.Height != 16 || set.Test.Width != 16 {
		t.Errorf("got %s, want holiday with 2 images of 16x16 pixels", set)
	}
	if want := []string{"holiday: resized 1 image to 16x16 pixels"}; !slices.Equal(set.Notes, want) {
		t.Errorf("notes %q, want %q", set.Notes, want)
	}
	for i, want := range [][]uint8{{200, 10, 100}, {10, 200, 100}} {
		if got := set.Test.At(i)[:3]; !bytes.Equal(got, want) {
			t.Errorf("image %d begins with %v, want %v", i, got, want)
		}
	}
}

func TestSetIsNamedAfterTheFolderHoweverItsPathIsWritten(t *testing.T) {
	t.Chdir(fixtures{{"a.png", pngOf(32, 32, 1, 2)}}.folder(t, "holiday"))
	for _, path := range []string{".", "../holiday", "../holiday/"} {
		set, err := OpenImages(t.Context(), path, Options{})
		must(t, err)
		if want := "holiday: 1 test image of 32x32 pixels, from holiday"; set.String() != want {
			t.Errorf("%s is %q, want %q", path, set, want)
		}
	}
}

func TestSmallSetsAreSplitAsFarAsTheyReach(t *testing.T) {
	for _, test := range []struct {
		perClass                int
		train, validation, test int
		want                    string // of the error
	}{
		{1, 0, 0, 0, "too few images to hold some out to test on, 2 in 2 classes"},
		{2, 0, 0, 0, "too few training images to hold some out to validate on, 2 in 2 classes"},
		{3, 2, 2, 2, ""},
		{10, 14, 2, 4, ""},
	} {
		var files fixtures
		for i := range test.perClass {
			for _, class := range []string{"a", "b"} {
				files = files.with(fmt.Sprintf("%s/%d.png", class, i), pngOf(32, 32, 1, 2))
			}
		}
		set, err := OpenImages(t.Context(), files.folder(t, "own"), Options{ValidationShare: 0.1})
		if test.want != "" {
			wantError(t, err, "own", test.want)
			continue
		}
		must(t, err)
		if set.Train.Len() != test.train || set.Validation.Len() != test.validation || set.Test.Len() != test.test {
			t.Errorf("%d images of each class: got %s; want %d, %d and %d",
				test.perClass, set, test.train, test.validation, test.test)
		}
	}
}

func TestOutOfDistributionSetsAreResizedToTheModelsSize(t *testing.T) {
	for _, name := range []string{"synthetic-far", "cifar10"} {
		options := Options{TestLimit: 5, TestOnly: true, Size: 48}
		if name == "cifar10" {
			options.Data = cifar10Fixtures().folder(t, "cifar10")
		}
		set, err := Open(t.Context(), name, options)
		must(t, err)
		if set.Test.Len() != 5 || set.Test.Height != 48 || set.Test.Width != 48 || len(set.Notes) != 1 {
			t.Errorf("got %s with the notes %q; want 5 images of 48x48 pixels and a note", set, set.Notes)
		}
		options.Size = 32
		whole, err := Open(t.Context(), name, options)
		must(t, err)
		if got, want := set.Test.At(2)[:3], whole.Test.At(2)[:3]; !bytes.Equal(got, want) || len(whole.Notes) != 0 {
			t.Errorf("%s: the first pixel is %v, want %v; notes of the original size: %q", name, got, want, whole.Notes)
		}
	}
}

func TestResizeKeepsProportionsAndCropsToTheCentre(t *testing.T) {
	// Three squares side by side; the middle one is what remains.
	wide := plainImage(96, 32, 0, 0)
	draw.Draw(wide, image.Rect(32, 0, 64, 32), plainImage(32, 32, 250, 5), image.Point{}, draw.Src)
	got := make([]uint8, 8*8*3)
	copyRGB(got, scale(wide, centre(wide.Bounds(), 8, 8, 1), 8, 8))
	for i := 0; i < len(got); i += 3 {
		if got[i] != 250 || got[i+1] != 5 {
			t.Fatalf("pixel %d is %v, want the middle square's", i/3, got[i:i+3])
		}
	}
}

func TestBadInputIsExplained(t *testing.T) {
	good := cifarFixtures(1)
	zipBytes := good.zipped(t)
	for _, test := range []struct {
		name string
		data func(t *testing.T) string
		want []string
	}{
		{"nothing at the path", func(t *testing.T) string { return filepath.Join(t.TempDir(), "missing") },
			[]string{"missing", "existing folder or file"}},
		{"an empty folder", func(t *testing.T) string { return t.TempDir() },
			[]string{"holds no cifar10", "begins with"}},
		{"an empty set folder", func(t *testing.T) string { return fixtures{{"cifar10/", nil}}.folder(t, "data") },
			[]string{"cifar10 holds no images", "train/<class>/"}},
		{"a zip cut short", func(t *testing.T) string {
			return writeFile(t, "cifar10.zip", zipBytes[:len(zipBytes)/2])
		}, []string{"cifar10.zip", "cut short", "download it again"}},
		{"an empty zip file", func(t *testing.T) string { return writeFile(t, "cifar10.zip", nil) },
			[]string{"cifar10.zip", "cut short"}},
		{"not a zip", func(t *testing.T) string { return writeFile(t, "cifar10.rar", []byte("Rar!")) },
			[]string{"cifar10.rar", "neither a folder, a zip"}},
		{"a tar cut short", func(t *testing.T) string {
			return writeFile(t, "cifar10.tar", good.tarred(t)[:10000])
		}, []string{"cifar10.tar", "cut short"}},
		{"a compressed tar cut short", func(t *testing.T) string {
			packed := gzipped(t, good.tarred(t))
			return writeFile(t, "cifar10.tar.gz", packed[:len(packed)/2])
		}, []string{"cifar10.tar.gz", "cut short"}},
		{"not a compressed tar", func(t *testing.T) string { return writeFile(t, "cifar10.tgz", zipBytes) },
			[]string{"cifar10.tgz", "not a complete archive"}},
		{"a damaged file in the zip", func(t *testing.T) string {
			damaged := bytes.Clone(zipBytes)
			damaged[200] ^= 0xff
			return writeFile(t, "cifar10.zip", damaged)
		}, []string{"cifar10.zip", "train/classa/0000.jpg", "again"}},
		{"text in an image file", func(t *testing.T) string {
			return good.with("train/classc/0000.jpg", []byte("hello")).folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "not a JPEG or PNG"}},
		{"an unknown kind of file", func(t *testing.T) string {
			return good.with("train/classc/song.mp3", []byte("hello")).folder(t, "cifar10")
		}, []string{"train/classc/song.mp3", "not a JPEG or PNG"}},
		{"an archive in a folder", func(t *testing.T) string {
			return good.with("train/classc/more.zip", zipBytes).folder(t, "cifar10")
		}, []string{"train/classc/more.zip", "an archive", "unpack it"}},
		{"an image of another format", func(t *testing.T) string {
			return good.with("train/classc/0000.jpg", []byte("GIF89a")).folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "not a JPEG or PNG", "convert"}},
		{"a link to nothing", func(t *testing.T) string {
			folder := good.folder(t, "cifar10")
			must(t, os.Symlink("nowhere", filepath.Join(folder, "train", "classc", "link.jpg")))
			return folder
		}, []string{"link.jpg", "no such file"}},
		{"an empty file", func(t *testing.T) string {
			return good.with("train/classc/0000.jpg", nil).folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "empty"}},
		{"half an image", func(t *testing.T) string {
			return good.with("train/classc/0000.jpg", jpegOf(32, 32, 9, 9)[:400]).folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "damaged"}},
		{"an image of another size", func(t *testing.T) string {
			return good.with("test/classc/0000.jpg", jpegOf(48, 32, 9, 9)).folder(t, "cifar10")
		}, []string{"test/classc/0000.jpg", "48x32", "not 32x32", "images of your own"}},
		{"an empty class folder", func(t *testing.T) string {
			return good.with("train/classk/", nil).folder(t, "cifar10")
		}, []string{"train/classk", "no images", "fill or remove"}},
		{"an empty class folder in a zip", func(t *testing.T) string {
			return good.with("train/classk/", nil).zip(t, "cifar10.zip")
		}, []string{"train/classk", "no images"}},
		{"a class folder with text only", func(t *testing.T) string {
			return good.with("train/classk/notes.txt", []byte("hello")).folder(t, "cifar10")
		}, []string{"train/classk", "no images"}},
		{"too few classes", func(t *testing.T) string { return good[:18].folder(t, "cifar10") },
			[]string{"9 class folders", "10 are expected"}},
		{"a test class without training images", func(t *testing.T) string {
			return good.with("test/bird/0000.jpg", good[0].data).folder(t, "cifar10")
		}, []string{"test/bird/0000.jpg", "no training images", `"bird"`}},
		{"training images without classes", func(t *testing.T) string {
			return fixtures{{"train/1.jpg", good[0].data}, {"test/1.jpg", good[0].data}}.folder(t, "cifar10")
		}, []string{"train/1.jpg", "no class folder"}},
		{"an image beside the class folders", func(t *testing.T) string {
			return good.with("train/0000.jpg", good[0].data).folder(t, "cifar10")
		}, []string{"train/0000.jpg", "beside class folders"}},
		{"an image beside train and test", func(t *testing.T) string {
			return good.with("more/0000.jpg", good[0].data).folder(t, "cifar10")
		}, []string{"more/0000.jpg", "beside folders such as train"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), "cifar10", Options{Data: test.data(t)})
			wantError(t, err, append(test.want, "cifar10")...)
		})
	}
}

func TestTestImagesWithoutClassesAreExplained(t *testing.T) {
	image := jpegOf(32, 32, 1, 2)
	files := fixtures{{"train/a/1.jpg", image}, {"train/b/1.jpg", image}, {"val/1.jpg", image}}
	_, err := OpenImages(t.Context(), files.folder(t, "own"), Options{})
	wantError(t, err, "val/1.jpg is in no class folder")
}

func TestUnknownNamesAndOptionsAreExplained(t *testing.T) {
	for _, test := range []struct {
		name    string
		set     string
		options Options
		want    []string
	}{
		{"unknown name", "cifar11", Options{}, []string{`"cifar11"`, "cifar10", "synthetic", "path"}},
		{"negative limit", "synthetic", Options{TrainLimit: -1}, []string{"-1", "positive"}},
		{"share of all images", "synthetic", Options{ValidationShare: 1}, []string{"validation share of 1"}},
		{"huge images", "synthetic", Options{Size: 1 << 20}, []string{"1048576", "choose a size"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), test.set, test.options)
			wantError(t, err, test.want...)
		})
	}
}

func TestFalseClaimsAreRefusedBeforeMemoryIsTaken(t *testing.T) {
	bomb := fixtures{{"bomb.png", pngClaiming(60000, 60000)}}
	_, err := OpenImages(t.Context(), bomb.folder(t, "own"), Options{})
	wantError(t, err, "bomb.png", "claims 60000x60000 pixels")

	_, err = OpenImages(t.Context(), writeFile(t, "own.zip", zipBomb(t, 80<<20)), Options{})
	wantError(t, err, "bomb.jpg", "more than")
}

func TestNoMoreIsAllocatedThanIsDeclaredOrThere(t *testing.T) {
	for _, test := range []struct{ declared, there int }{
		{0, 0}, {10, 10}, {100_000, 100_000}, {200_000, 200_000}, {1 << 30, 100_000}, {1 << 30, 0},
	} {
		data, err := readUpTo(bytes.NewReader(make([]byte, test.there)), int64(test.declared))
		if whole := test.there == test.declared; len(data) != test.there || whole != (err == nil) {
			t.Errorf("%d bytes of %d declared: read %d with the error %v", test.there, test.declared, len(data), err)
		}
		if most := min(test.declared, max(2*test.there, 1<<16)); cap(data) > most {
			t.Errorf("%d bytes of %d declared: allocated %d, want at most %d", test.there, test.declared, cap(data), most)
		}
	}
	_, err := readBounded(strings.NewReader("more"), 3, 100)
	wantError(t, err, "more than the 3 bytes that it declares")
}

// pngClaiming is the header of a PNG file that claims to be of this size.
func pngClaiming(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 2, 0, 0, 0) // eight bits, RGB
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

// zipBomb is a small zip of one large file of zeros.
func zipBomb(t testing.TB, size int) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	writer, err := archive.Create("bomb.jpg")
	must(t, err)
	_, err = writer.Write(make([]byte, size))
	must(t, err)
	must(t, archive.Close())
	return buffer.Bytes()
}

// TestRealData reads the real zips, where there are any.
func TestRealData(t *testing.T) {
	if os.Getenv(DataVariable) == "" {
		t.Skipf("set %s to a folder with cifar10 and tinyimagenet to read the real images", DataVariable)
	}
	cifar, err := Open(t.Context(), "cifar10", Options{TrainLimit: 1000, TestLimit: 100})
	must(t, err)
	if cifar.Train.Len() != 1000 || cifar.Test.Len() != 100 || len(cifar.Classes) != 10 {
		t.Errorf("got %s, want 1000 and 100 images of 10 classes", cifar)
	}
	tiny, err := Open(t.Context(), "tinyimagenet", Options{TestLimit: 100, TestOnly: true})
	must(t, err)
	if tiny.Test.Len() != 100 || tiny.Test.Labels != nil {
		t.Errorf("got %s, want 100 images", tiny)
	}
}

// BenchmarkRealCIFAR10 measures the reading of all 60,000 images from where they really are.
func BenchmarkRealCIFAR10(b *testing.B) {
	if os.Getenv(DataVariable) == "" {
		b.Skipf("set %s to a folder with cifar10 to read the real images", DataVariable)
	}
	for b.Loop() {
		set, err := Open(b.Context(), "cifar10", Options{Offline: true})
		must(b, err)
		if got := set.Train.Len() + set.Test.Len(); got != 60_000 {
			b.Fatalf("got %s, want 60000 images", set)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/set")
}

// FuzzZip opens any bytes as a zip of images: an error or a set, never a panic. Images are decoded in parallel, which
// the fuzzer takes for new coverage at every turn: run it with -fuzzminimizetime=1x.
func FuzzZip(f *testing.F) {
	f.Add(cifarFixtures(1).zipped(f))
	f.Add(fixtures{{"a/1.png", pngOf(3, 2, 1, 2)}, {"b/", nil}}.zipped(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := OpenImages(t.Context(), writeFile(t, "own.zip", data), Options{Size: 8})
		if err == nil && set.Test.Len() == 0 {
			t.Errorf("opened %s without test images", set)
		}
	})
}

// FuzzTar opens any bytes as a tar of images, packed and not.
func FuzzTar(f *testing.F) {
	f.Add(fixtures{{"a/1.png", pngOf(3, 2, 1, 2)}, {"b/", nil}}.tarred(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, path := range []string{writeFile(t, "own.tar", data), writeFile(t, "own.tgz", gzipped(t, data))} {
			set, err := OpenImages(t.Context(), path, Options{Size: 8})
			if err == nil && set.Test.Len() == 0 {
				t.Errorf("opened %s without test images", set)
			}
		}
	})
}

// FuzzFolder opens folders of images with any names below them, a line each: an error or a set, never a panic.
func FuzzFolder(f *testing.F) {
	f.Add("a/1.png\na/2.png\nb/1.png\nb/2.png")
	f.Add("x/train/a/1.png\nx/train/b/1.png\nx/test/a/1.png\nx/val/1.png")
	f.Add("1.png\n2.png\nREADME.md")
	picture := pngOf(4, 4, 1, 2)
	f.Fuzz(func(t *testing.T, names string) {
		found := &collection{path: "own", close: func() error { return nil }}
		for name := range strings.Lines(names) {
			name = strings.TrimSuffix(name, "\n")
			found.addEntry(name, strings.HasSuffix(name, "/"), int64(len(picture)), func() (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(picture)), nil
			})
		}
		for _, options := range []Options{{}, {TestOnly: true}, {ValidationShare: 0.5, TrainLimit: 3, TestLimit: 1}} {
			again := *found
			again.files = slices.Clone(found.files)
			set, err := again.images(fileFormat{size: 4}, options)
			if err == nil {
				err = set.complete(t.Context(), options)
			}
			if err == nil && set.Test.Len() == 0 {
				t.Errorf("opened %q without test images", names)
			}
		}
	})
}

// FuzzDecode decodes any bytes as an image.
func FuzzDecode(f *testing.F) {
	f.Add(jpegOf(8, 8, 1, 2))
	f.Add(pngOf(9, 7, 1, 2))
	f.Add(pngClaiming(60000, 60000))
	f.Fuzz(func(t *testing.T, data []byte) {
		to := make([]uint8, 8*8*3)
		if _, err := decode(data, to, 8, 8, false); err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without words")
		}
	})
}

func TestOwnImagesAreNamedAfterTheirFile(t *testing.T) {
	files := fixtures{{"a.png", pngOf(32, 32, 0, 51)}}
	packed := gzipped(t, files.tarred(t))
	for _, test := range []struct{ path, want string }{
		{files.folder(t, "v1.5"), "v1.5"},
		{files.zip(t, "street.ZIP"), "street"},
		{writeFile(t, "night.tar.gz", packed), "night"},
		{writeFile(t, "day.tgz", packed), "day"},
	} {
		set, err := OpenImages(t.Context(), test.path, Options{})
		must(t, err)
		if set.Name != test.want {
			t.Errorf("%s is named %q, want %q", test.path, set.Name, test.want)
		}
	}
}

func TestOwnImagesAreNormalizedByTheirChannels(t *testing.T) {
	files := fixtures{{"a.png", pngOf(32, 32, 0, 51)}, {"b.png", pngOf(32, 32, 204, 51)}}
	set, err := OpenImages(t.Context(), files.folder(t, "own"), Options{})
	must(t, err)
	wantMean, wantStd := []float32{0.4, 0.2, 100. / 255}, []float32{0.4, 1. / 255, 1. / 255}
	if !slices.Equal(set.Mean, wantMean) || !slices.Equal(set.Std, wantStd) {
		t.Errorf("got the means %v and deviations %v, want %v and %v; a plain channel deviates by one step",
			set.Mean, set.Std, wantMean, wantStd)
	}
}
