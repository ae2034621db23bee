package datasets

import (
	"os"
	"path/filepath"
	"testing"
)

func TestListSaysWhatIsWhere(t *testing.T) {
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	t.Setenv(DataVariable, filepath.Dir(cifarFixtures(1).Folder(t, "cifar10")))
	found := make(map[string]Listing)
	for _, listing := range List(Options{}) {
		found[listing.Name] = listing
		if listing.Title == "" || listing.Size == "" || listing.Licence == "" || listing.Source == "" {
			t.Errorf("%+v lacks something", listing)
		}
	}
	for _, test := range []struct {
		name, where string
		present     bool
	}{
		{"cifar10", filepath.Join(os.Getenv(DataVariable), "cifar10"), true},
		{"cifar100", filepath.Join(caches, "dismax", "cifar-100-binary.tar.gz"), false},
		{"svhn", filepath.Join(caches, "dismax", "svhn"), false},
		{"imagenet", "", false},
		{"synthetic", "", true},
	} {
		if got := found[test.name]; got.Where != test.where || got.Present != test.present {
			t.Errorf("%s: at %q, present %t; want %q, %t", test.name, got.Where, got.Present, test.where, test.present)
		}
	}
}
