package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestFileNamesBelongToTheSetWithTheLongestName(t *testing.T) {
	for _, test := range []struct{ file, want string }{
		{"cifar10-jpeg.zip", "cifar10"},
		{"CIFAR-10", "cifar10"},
		{"cifar_10_images", "cifar10"},
		{"tinyimagenet-resize-test.zip", "tinyimagenet"},
		{"Tiny-ImageNet.zip", "tinyimagenet"},
		{"Imagenet_resize", "tinyimagenet"},
		{"mycifar10.zip", ""},
		{"cifar.zip", ""},
	} {
		got := ""
		for _, candidate := range publishedSets {
			if candidate.claims(test.file) {
				got += candidate.Name
			}
		}
		if got != test.want {
			t.Errorf("%s belongs to %q, want %q", test.file, got, test.want)
		}
	}
}

func TestDataIsLookedForInOrder(t *testing.T) {
	folderWith := func(perClass int) string {
		return filepath.Dir(cifarFixtures(perClass).Folder(t, "cifar10"))
	}
	given, variable, cache := folderWith(1), folderWith(2), folderWith(3)
	caches := t.TempDir()
	fixture.Must(t, os.Rename(cache, filepath.Join(caches, "dismax")))
	for _, test := range []struct {
		name           string
		data, variable string
		want           int // training images
	}{
		{"the folder given", given, variable, 10},
		{"the set's folder itself", filepath.Join(given, "cifar10"), variable, 10},
		{"the variable", "", variable, 20},
		{"the cache", "", "", 30},
		{"the cache when the variable's folder lacks it", "", t.TempDir(), 30},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", caches)
			t.Setenv(DataVariable, test.variable)
			set, err := Open(t.Context(), "cifar10", Options{Data: test.data})
			fixture.Must(t, err)
			if set.Train.Len() != test.want {
				t.Errorf("got %d training images, want %d", set.Train.Len(), test.want)
			}
		})
	}
}

func TestMissingDataIsErrNotFound(t *testing.T) {
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	t.Setenv(DataVariable, "")
	_, err := Open(t.Context(), "cifar10", Options{Offline: true})
	fixture.WantError(t, err, "cifar10", caches, DataVariable)
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("%v is not ErrNotFound", err)
	}
	_, err = Open(t.Context(), "cifar10", Options{Data: t.TempDir()})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("%v is not ErrNotFound", err)
	}
	t.Setenv(DataVariable, filepath.Join(caches, "mistyped"))
	_, err = Open(t.Context(), "cifar10", Options{})
	fixture.WantError(t, err, "mistyped")
}
