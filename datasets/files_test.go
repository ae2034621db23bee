package datasets

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestFolderAndZipGiveTheSameSet(t *testing.T) {
	files := cifarFixtures(3)
	folder, err := Open(t.Context(), "cifar10", Options{Data: files.Folder(t, "cifar10")})
	fixture.Must(t, err)
	zipped, err := Open(t.Context(), "cifar10", Options{Data: files.Zip(t, "cifar10-jpeg.zip")})
	fixture.Must(t, err)
	if folder.Train.SHA256() != zipped.Train.SHA256() || folder.Test.SHA256() != zipped.Test.SHA256() {
		t.Error("the folder and the zip of the same files have other checksums")
	}
	if folder.Origin != "cifar10" || zipped.Origin != "cifar10-jpeg.zip" {
		t.Errorf("found %q and %q, want the base names", folder.Origin, zipped.Origin)
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
	files := cifarFixtures(3).With("train/classb/0002.jpg", []byte("broken, but beyond the limit"))
	set, err := Open(t.Context(), "cifar10", Options{Data: files.Zip(t, "cifar10.zip"), TrainLimit: 20, TestLimit: 5})
	fixture.Must(t, err)
	if set.Train.Len() != 20 || set.Test.Len() != 5 {
		t.Errorf("got %s, want 20 and 5 images", set)
	}
}

func TestLayouts(t *testing.T) {
	image := fixture.JPEG(32, 32, 1, 2)
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
			var files fixture.Files
			for _, name := range test.files {
				files = files.With(name, image)
			}
			tarred := files.Tarred(t)
			for _, path := range []string{files.Folder(t, "own"), files.Zip(t, "own.zip"),
				fixture.Write(t, "own.tar", tarred), fixture.Write(t, "own.tar.gz", fixture.Gzip(t, tarred))} {
				set, err := OpenImages(t.Context(), path, Options{TestOnly: test.testOnly})
				fixture.Must(t, err)
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
	image := fixture.JPEG(32, 32, 1, 2)
	files := fixture.Files{{"train/a/1.jpg", image}, {"val/a/1.jpg", image}, {"test/a/1.jpg", image}}
	set, err := OpenImages(t.Context(), files.Folder(t, "own"), Options{ValidationShare: 0.5})
	fixture.Must(t, err)
	if set.Train.Len() != 1 || set.Validation.Len() != 1 || len(set.Notes) != 1 {
		t.Errorf("got %s with the notes %q, want one training and one validation image and a note", set, set.Notes)
	}
}

func TestOwnImagesAreResizedAndNoted(t *testing.T) {
	files := fixture.Files{{"a.png", fixture.PNG(64, 48, 200, 10)}, {"b.png", fixture.PNG(16, 16, 10, 200)}}
	set, err := Open(t.Context(), files.Folder(t, "holiday"), Options{Size: 16})
	fixture.Must(t, err)
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
	t.Chdir(fixture.Files{{"a.png", fixture.PNG(32, 32, 1, 2)}}.Folder(t, "holiday"))
	for _, path := range []string{".", "../holiday", "../holiday/"} {
		set, err := OpenImages(t.Context(), path, Options{})
		fixture.Must(t, err)
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
		var files fixture.Files
		for i := range test.perClass {
			for _, class := range []string{"a", "b"} {
				files = files.With(fmt.Sprintf("%s/%d.png", class, i), fixture.PNG(32, 32, 1, 2))
			}
		}
		set, err := OpenImages(t.Context(), files.Folder(t, "own"), Options{ValidationShare: 0.1})
		if test.want != "" {
			fixture.WantError(t, err, "own", test.want)
			continue
		}
		fixture.Must(t, err)
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
			options.Data = cifar10Fixtures().Folder(t, "cifar10")
		}
		set, err := Open(t.Context(), name, options)
		fixture.Must(t, err)
		if set.Test.Len() != 5 || set.Test.Height != 48 || set.Test.Width != 48 || len(set.Notes) != 1 {
			t.Errorf("got %s with the notes %q; want 5 images of 48x48 pixels and a note", set, set.Notes)
		}
		options.Size = 32
		whole, err := Open(t.Context(), name, options)
		fixture.Must(t, err)
		if got, want := set.Test.At(2)[:3], whole.Test.At(2)[:3]; !bytes.Equal(got, want) || len(whole.Notes) != 0 {
			t.Errorf("%s: the first pixel is %v, want %v; notes of the original size: %q", name, got, want, whole.Notes)
		}
	}
}

func TestBadInputIsExplained(t *testing.T) {
	good := cifarFixtures(1)
	zipBytes := good.Zipped(t)
	for _, test := range []struct {
		name string
		data func(t *testing.T) string
		want []string
	}{
		{"nothing at the path", func(t *testing.T) string { return filepath.Join(t.TempDir(), "missing") },
			[]string{"missing", "existing folder or file"}},
		{"an empty folder", func(t *testing.T) string { return t.TempDir() },
			[]string{"holds no cifar10", "begins with"}},
		{"an empty set folder", func(t *testing.T) string { return fixture.Files{{"cifar10/", nil}}.Folder(t, "data") },
			[]string{"cifar10 holds no images", "train/<class>/"}},
		{"a zip cut short", func(t *testing.T) string {
			return fixture.Write(t, "cifar10.zip", zipBytes[:len(zipBytes)/2])
		}, []string{"cifar10.zip", "cut short", "download it again"}},
		{"an empty zip file", func(t *testing.T) string { return fixture.Write(t, "cifar10.zip", nil) },
			[]string{"cifar10.zip", "cut short"}},
		{"not a zip", func(t *testing.T) string { return fixture.Write(t, "cifar10.rar", []byte("Rar!")) },
			[]string{"cifar10.rar", "neither a folder, a zip"}},
		{"a tar cut short", func(t *testing.T) string {
			return fixture.Write(t, "cifar10.tar", good.Tarred(t)[:10000])
		}, []string{"cifar10.tar", "cut short"}},
		{"a compressed tar cut short", func(t *testing.T) string {
			packed := fixture.Gzip(t, good.Tarred(t))
			return fixture.Write(t, "cifar10.tar.gz", packed[:len(packed)/2])
		}, []string{"cifar10.tar.gz", "cut short"}},
		{"not a compressed tar", func(t *testing.T) string { return fixture.Write(t, "cifar10.tgz", zipBytes) },
			[]string{"cifar10.tgz", "not a complete archive"}},
		{"a damaged file in the zip", func(t *testing.T) string {
			damaged := bytes.Clone(zipBytes)
			damaged[200] ^= 0xff
			return fixture.Write(t, "cifar10.zip", damaged)
		}, []string{"cifar10.zip", "train/classa/0000.jpg", "again"}},
		{"text in an image file", func(t *testing.T) string {
			return good.With("train/classc/0000.jpg", []byte("hello")).Folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "not a JPEG, PNG or WebP"}},
		{"an unknown kind of file", func(t *testing.T) string {
			return good.With("train/classc/song.mp3", []byte("hello")).Folder(t, "cifar10")
		}, []string{"train/classc/song.mp3", "not a JPEG, PNG or WebP"}},
		{"an archive in a folder", func(t *testing.T) string {
			return good.With("train/classc/more.zip", zipBytes).Folder(t, "cifar10")
		}, []string{"train/classc/more.zip", "an archive", "unpack it"}},
		{"an image of another format", func(t *testing.T) string {
			return good.With("train/classc/0000.jpg", []byte("GIF89a")).Folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "not a JPEG, PNG or WebP", "convert"}},
		{"a link to nothing", func(t *testing.T) string {
			folder := good.Folder(t, "cifar10")
			fixture.Must(t, os.Symlink("nowhere", filepath.Join(folder, "train", "classc", "link.jpg")))
			return folder
		}, []string{"link.jpg", "no such file"}},
		{"an empty file", func(t *testing.T) string {
			return good.With("train/classc/0000.jpg", nil).Folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "empty"}},
		{"half an image", func(t *testing.T) string {
			return good.With("train/classc/0000.jpg", fixture.JPEG(32, 32, 9, 9)[:400]).Folder(t, "cifar10")
		}, []string{"train/classc/0000.jpg", "damaged"}},
		{"an image of another size", func(t *testing.T) string {
			return good.With("test/classc/0000.jpg", fixture.JPEG(48, 32, 9, 9)).Folder(t, "cifar10")
		}, []string{"test/classc/0000.jpg", "48x32", "not 32x32", "images of your own"}},
		{"an empty class folder", func(t *testing.T) string {
			return good.With("train/classk/", nil).Folder(t, "cifar10")
		}, []string{"train/classk", "no images", "fill or remove"}},
		{"an empty class folder in a zip", func(t *testing.T) string {
			return good.With("train/classk/", nil).Zip(t, "cifar10.zip")
		}, []string{"train/classk", "no images"}},
		{"a class folder with text only", func(t *testing.T) string {
			return good.With("train/classk/notes.txt", []byte("hello")).Folder(t, "cifar10")
		}, []string{"train/classk", "no images"}},
		{"too few classes", func(t *testing.T) string { return good[:18].Folder(t, "cifar10") },
			[]string{"9 class folders", "10 are expected"}},
		{"a test class without training images", func(t *testing.T) string {
			return good.With("test/bird/0000.jpg", good[0].Data).Folder(t, "cifar10")
		}, []string{"test/bird/0000.jpg", "no training images", `"bird"`}},
		{"training images without classes", func(t *testing.T) string {
			return fixture.Files{{"train/1.jpg", good[0].Data}, {"test/1.jpg", good[0].Data}}.Folder(t, "cifar10")
		}, []string{"train/1.jpg", "no class folder"}},
		{"an image beside the class folders", func(t *testing.T) string {
			return good.With("train/0000.jpg", good[0].Data).Folder(t, "cifar10")
		}, []string{"train/0000.jpg", "beside class folders"}},
		{"an image beside train and test", func(t *testing.T) string {
			return good.With("more/0000.jpg", good[0].Data).Folder(t, "cifar10")
		}, []string{"more/0000.jpg", "beside folders such as train"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), "cifar10", Options{Data: test.data(t)})
			fixture.WantError(t, err, append(test.want, "cifar10")...)
		})
	}
}

func TestTestImagesWithoutClassesAreExplained(t *testing.T) {
	image := fixture.JPEG(32, 32, 1, 2)
	files := fixture.Files{{"train/a/1.jpg", image}, {"train/b/1.jpg", image}, {"val/1.jpg", image}}
	_, err := OpenImages(t.Context(), files.Folder(t, "own"), Options{})
	fixture.WantError(t, err, "val/1.jpg is in no class folder")
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
			fixture.WantError(t, err, test.want...)
		})
	}
}

// TestRealData reads the real zips, where there are any.
func TestRealData(t *testing.T) {
	if os.Getenv(DataVariable) == "" {
		t.Skipf("set %s to a folder with cifar10 and tinyimagenet to read the real images", DataVariable)
	}
	cifar, err := Open(t.Context(), "cifar10", Options{TrainLimit: 1000, TestLimit: 100})
	fixture.Must(t, err)
	if cifar.Train.Len() != 1000 || cifar.Test.Len() != 100 || len(cifar.Classes) != 10 {
		t.Errorf("got %s, want 1000 and 100 images of 10 classes", cifar)
	}
	tiny, err := Open(t.Context(), "tinyimagenet", Options{TestLimit: 100, TestOnly: true})
	fixture.Must(t, err)
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
		fixture.Must(b, err)
		if got := set.Train.Len() + set.Test.Len(); got != 60_000 {
			b.Fatalf("got %s, want 60000 images", set)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/set")
}

// FuzzFolder plans and divides folders of images with any names below them, a line each: an error or a set, never a
// panic.
func FuzzFolder(f *testing.F) {
	f.Add("a/1.png\na/2.png\nb/1.png\nb/2.png")
	f.Add("x/train/a/1.png\nx/train/b/1.png\nx/test/a/1.png\nx/val/1.png")
	f.Add("1.png\n2.png\nREADME.md")
	f.Fuzz(func(t *testing.T, names string) {
		var files []filetree.File
		var folders []string
		for name := range strings.Lines(names) {
			name = strings.TrimSuffix(name, "\n")
			if strings.HasSuffix(name, "/") {
				folders = append(folders, name)
				continue
			}
			files = append(files, filetree.File{Name: name, Size: 1})
		}
		for _, options := range []Options{{}, {TestOnly: true}, {ValidationShare: 0.5, TrainLimit: 3, TestLimit: 1}} {
			set, err := readTree(filetree.New("own", files, folders), fileFormat{size: 4}, options)
			if err == nil {
				err = set.check()
			}
			if err == nil {
				if err := set.divide(options); err != nil {
					t.Fatal(err)
				}
				err = set.checkParts(options)
			}
			if err == nil && set.Test.Len() == 0 {
				t.Errorf("opened %q without test images", names)
			}
		}
	})
}

func TestOwnImagesAreNamedAfterTheirFile(t *testing.T) {
	files := fixture.Files{{"a.png", fixture.PNG(32, 32, 0, 51)}}
	packed := fixture.Gzip(t, files.Tarred(t))
	for _, test := range []struct{ path, want string }{
		{files.Folder(t, "v1.5"), "v1.5"},
		{files.Zip(t, "street.ZIP"), "street"},
		{fixture.Write(t, "night.tar.gz", packed), "night"},
		{fixture.Write(t, "day.tgz", packed), "day"},
	} {
		set, err := OpenImages(t.Context(), test.path, Options{})
		fixture.Must(t, err)
		if set.Name != test.want {
			t.Errorf("%s is named %q, want %q", test.path, set.Name, test.want)
		}
	}
}

func TestOwnImagesAreNormalizedByTheirChannels(t *testing.T) {
	files := fixture.Files{{"a.png", fixture.PNG(32, 32, 0, 51)}, {"b.png", fixture.PNG(32, 32, 204, 51)}}
	set, err := OpenImages(t.Context(), files.Folder(t, "own"), Options{})
	fixture.Must(t, err)
	wantMean, wantStd := []float32{0.4, 0.2, 100. / 255}, []float32{0.4, 1. / 255, 1. / 255}
	if !slices.Equal(set.Mean, wantMean) || !slices.Equal(set.Std, wantStd) {
		t.Errorf("got the means %v and deviations %v, want %v and %v; a plain channel deviates by one step",
			set.Mean, set.Std, wantMean, wantStd)
	}
}

// cifarFixtures are perClass JPEG images of each of ten classes for training and one for testing.
func cifarFixtures(perClass int) fixture.Files {
	var files fixture.Files
	for class := range 10 {
		for i := range perClass {
			name := "train/class" + string(rune('a'+class)) + "/000" + string(rune('0'+i)) + ".jpg"
			files = append(files, fixture.Files{{name, fixture.JPEG(32, 32, uint8(20*class), uint8(i))}}...)
		}
		name := "test/class" + string(rune('a'+class)) + "/0000.jpg"
		files = append(files, fixture.Files{{name, fixture.JPEG(32, 32, uint8(20*class), 99)}}...)
	}
	return files
}
