package datasets

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// cifarRecord is one image of a CIFAR file: row y and column x have the red y, the green x and the blue of the label.
func cifarRecord(labels ...uint8) []byte {
	record := slices.Clone(labels)
	for plane := range 3 {
		for y := range 32 {
			for x := range 32 {
				record = append(record, []uint8{uint8(y), uint8(x), labels[len(labels)-1]}[plane])
			}
		}
	}
	return record
}

// cifar10Fixtures are the official files with the images of ten classes in each.
func cifar10Fixtures() fixture.Files {
	var batch []byte
	for label := range uint8(10) {
		batch = append(batch, cifarRecord(label)...)
	}
	files := fixture.Files{{"cifar-10-batches-bin/batches.meta.txt", []byte("airplane\n")},
		{"cifar-10-batches-bin/readme.html", []byte("<html>")}}
	for _, name := range slices.Concat(cifar10Format.train, cifar10Format.test) {
		files = files.With("cifar-10-batches-bin/"+name, batch)
	}
	return files
}

func cifar100Fixtures() fixture.Files {
	var train []byte
	for label := range uint8(100) {
		train = append(train, cifarRecord(label/5, label)...)
		train = append(train, cifarRecord(label/5, label)...)
	}
	return fixture.Files{{"cifar-100-binary/train.bin", train}, {"cifar-100-binary/test.bin", train[:10*3074]}}
}

func TestOfficialCIFARFilesInEveryForm(t *testing.T) {
	for _, test := range []struct {
		set         string
		files       fixture.Files
		archive     string
		folder      string
		train, test int
		label       int32 // of image 7
	}{
		{"cifar10", cifar10Fixtures(), "cifar-10-binary.tar.gz", "cifar-10-batches-bin", 50, 10, 7},
		{"cifar100", cifar100Fixtures(), "cifar-100-binary.tar.gz", "cifar-100-binary", 200, 10, 3},
	} {
		unpacked := test.files.Folder(t, "data")
		for _, data := range []string{
			fixture.Write(t, test.archive, fixture.Gzip(t, test.files.Tarred(t))),
			unpacked,                     // a data folder that holds the unpacked folder
			unpacked + "/" + test.folder, // the unpacked folder itself
		} {
			t.Run(test.set+" from "+path.Base(data), func(t *testing.T) {
				set, err := Open(t.Context(), test.set, Options{Data: data})
				fixture.Must(t, err)
				if set.Train.Len() != test.train || set.Test.Len() != test.test {
					t.Fatalf("got %s, want %d and %d images", set, test.train, test.test)
				}
				image, label := set.Test.At(7), set.Test.Labels[7]
				for i := range 32 * 32 {
					got, want := image[3*i:3*i+3], []uint8{uint8(i / 32), uint8(i % 32), uint8(label)}
					if !slices.Equal(got, want) {
						t.Fatalf("row %d, column %d is %v, want %v", i/32, i%32, got, want)
					}
				}
				if label != test.label {
					t.Errorf("image 7 has the label %d, want %d", label, test.label)
				}
			})
		}
	}
}

func TestLooseCIFARFilesInTheDataFolder(t *testing.T) {
	var loose fixture.Files
	for _, file := range cifar10Fixtures() {
		loose = loose.With(strings.TrimPrefix(file.Name, "cifar-10-batches-bin/"), file.Data)
	}
	set, err := Open(t.Context(), "cifar10", Options{Data: loose.Folder(t, "data"), TrainLimit: 20, ValidationShare: 0.5})
	fixture.Must(t, err)
	if set.Train.Len() != 10 || set.Validation.Len() != 10 {
		t.Errorf("got %s, want 10 training and 10 validation images", set)
	}
}

func TestCIFARClassesAreSortedAndComplete(t *testing.T) {
	for _, test := range []struct {
		classes []string
		count   int
	}{{cifar10Format.classes, 10}, {cifar100Format.classes, 100}} {
		if len(test.classes) != test.count || !slices.IsSorted(test.classes) {
			t.Errorf("%d classes, sorted: %t; want %d in order, as image folders give them",
				len(test.classes), slices.IsSorted(test.classes), test.count)
		}
	}
}

func TestTheVersionForPythonIsNamed(t *testing.T) {
	for set, files := range map[string]fixture.Files{
		"cifar10":  {{Name: "cifar-10-batches-py/batches.meta"}, {Name: "cifar-10-batches-py/data_batch_1", Data: []byte("\x80\x02}")}},
		"cifar100": {{Name: "cifar-100-python/meta"}, {Name: "cifar-100-python/train", Data: []byte("\x80\x02}")}},
	} {
		_, err := Open(t.Context(), set, Options{Data: files.Folder(t, set)})
		fixture.WantError(t, err, "Python", "binary version", "cs.toronto.edu")
	}
}

func TestEachCIFARSetIsUnknownToTheOther(t *testing.T) {
	for set, other := range map[string]string{"cifar10": "cifar100", "cifar100": "cifar10"} {
		found, err := ByName(set)
		fixture.Must(t, err)
		if !slices.Contains(found.OutOfDistribution, other) {
			t.Errorf("%s is not tested against %s, as in the paper's Table 2", set, other)
		}
	}
}

func TestDamagedCIFARFilesAreExplained(t *testing.T) {
	files := cifar10Fixtures()
	name := "cifar-10-batches-bin/data_batch_3.bin"
	base := path.Base(name)
	good := files[4].Data
	badLabel := slices.Clone(good)
	badLabel[2*3073] = 10
	for _, test := range []struct {
		name string
		data []byte
		want []string
	}{
		{"cut short", good[:len(good)-5], []string{base, "at byte 27657", "cut short"}},
		{"empty", nil, []string{base, "at byte 0", "cut short"}},
		{"unknown label", badLabel, []string{base, "at byte 6146", "label 10"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), "cifar10", Options{Data: files.With(name, test.data).Folder(t, "data")})
			fixture.WantError(t, err, test.want...)
		})
	}
	_, err := Open(t.Context(), "cifar10", Options{Data: files[:7].Folder(t, "data")})
	fixture.WantError(t, err, "holds no test_batch.bin")
}

// FuzzCIFAR parses records of any labels, with some bytes missing at the end.
func FuzzCIFAR(f *testing.F) {
	f.Add([]byte{1}, uint16(0))
	f.Add([]byte{9, 0}, uint16(1))
	f.Add([]byte{99, 10}, uint16(3000))
	f.Fuzz(func(t *testing.T, labels []byte, missing uint16) {
		labels = labels[:min(len(labels), 4)]
		for _, format := range []cifarFormat{cifar10Format, cifar100Format} {
			data := make([]byte, len(labels)*format.recordBytes())
			for i, label := range labels {
				data[i*format.recordBytes()+format.labelBytes-1] = label
			}
			images := newImages(0, 32, 32, true)
			err := format.parse(data[:max(0, len(data)-int(missing))], images)
			if err == nil {
				err = images.check()
				if missing%uint16(format.recordBytes()) != 0 || err != nil {
					t.Errorf("parsed labels %v with %d bytes missing; check: %v", labels, missing, err)
				}
			}
		}
	})
}
