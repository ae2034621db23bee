package datasets

import (
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fetch"
	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// TestMain keeps all tests off the network: only servers of this machine can be reached.
func TestMain(m *testing.M) {
	fetch.Transport = localTransport{}
	os.Exit(m.Run())
}

// localTransport reaches this machine alone.
type localTransport struct{}

// RoundTrip implements [http.RoundTripper].
func (localTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Hostname() != "127.0.0.1" {
		return nil, &net.DNSError{Err: "no such host", Name: request.URL.Hostname()}
	}
	return http.DefaultTransport.RoundTrip(request)
}

// server publishes one content under any name, and counts the requests.
type server struct {
	*httptest.Server
	content  []byte
	requests atomic.Int32
}

func newServer(t *testing.T, content []byte) *server {
	t.Helper()
	s := &server{content: content}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.requests.Add(1)
		_, _ = w.Write(s.content)
	}))
	t.Cleanup(s.Close)
	return s
}

// publishedByName returns a published set.
func publishedByName(t testing.TB, name string) *published {
	t.Helper()
	i := slices.IndexFunc(publishedSets, func(p *published) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("no published set is named %s", name)
	}
	return publishedSets[i]
}

// publish puts a mirror in the place of the files of a set.
func publish(t *testing.T, name string, s *server) {
	t.Helper()
	set := publishedByName(t, name)
	original := set.downloads
	t.Cleanup(func() { set.downloads = original })
	set.downloads = nil
	for _, file := range original {
		file.URL = s.URL + "/" + file.Name()
		file.Checksum = fetch.Checksum(fmt.Sprintf("MD5 %x", md5.Sum(s.content)))
		set.downloads = append(set.downloads, file)
	}
}

// emptyCache gives the test a cache of its own, no other data, and leave to download.
func emptyCache(t *testing.T) (folder string) {
	t.Helper()
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	t.Setenv(DataVariable, "")
	t.Setenv(OfflineVariable, "")
	return filepath.Join(caches, "dismax")
}

func TestSetIsDownloadedOnFirstUse(t *testing.T) {
	cache := emptyCache(t)
	s := newServer(t, fixture.Gzip(t, cifar10Fixtures().Tarred(t)))
	publish(t, "cifar10", s)
	for range 2 {
		set, err := Open(t.Context(), "cifar10", Options{})
		fixture.Must(t, err)
		if set.Train.Len() != 50 || set.Origin != "cifar-10-binary.tar.gz" {
			t.Errorf("got %s, want 50 training images", set)
		}
	}
	if got := s.requests.Load(); got != 1 {
		t.Errorf("asked %d times, want once", got)
	}
	path, err := Fetch(t.Context(), "cifar10", Options{Offline: true})
	fixture.Must(t, err)
	if want := filepath.Join(cache, "cifar-10-binary.tar.gz"); path != want {
		t.Errorf("the set is in %s, want %s", path, want)
	}
}

func TestNothingIsDownloadedWhereItIsNotWanted(t *testing.T) {
	emptyCache(t)
	s := newServer(t, nil)
	publish(t, "cifar10", s)
	for _, test := range []struct {
		name, variable string
		options        Options
	}{
		{"offline", "", Options{Offline: true}},
		{"offline by the environment", "1", Options{}},
		{"data given", "", Options{Data: t.TempDir()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(OfflineVariable, test.variable)
			_, err := Open(t.Context(), "cifar10", test.options)
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			List(test.options)
		})
	}
	List(Options{})
	if got := s.requests.Load(); got != 0 {
		t.Errorf("asked %d times, want never", got)
	}
}

func TestErrorOfASetThatCannotBeHadSaysHowToGetIt(t *testing.T) {
	for _, test := range []struct {
		name    string
		options Options
		want    []string
	}{
		{"cifar10", Options{}, []string{"cannot be reached", "cifar-10-binary.tar.gz"}},
		{"cifar10", Options{Offline: true}, []string{"there is no cifar10 in", "cifar-10-binary.tar.gz"}},
		{"svhn", Options{}, []string{"train_32x32.mat", "test_32x32.mat"}},
		{"svhn", Options{TestOnly: true}, []string{"test_32x32.mat"}},
		{"imagenet", Options{}, []string{"https://image-net.org/download.php", `begins with "imagenet"`}},
	} {
		cache := emptyCache(t)
		set := publishedByName(t, test.name)
		want := test.want
		for _, file := range set.needed(test.options) {
			want = append(want, file.URL, string(file.Checksum), filepath.Join(set.place(cache), file.Name()))
		}
		_, err := Open(t.Context(), test.name, test.options)
		fixture.WantError(t, err, want...)
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%v is not ErrNotFound", err)
		}
	}
}

func TestCachedFileIsCheckedBeforeItIsUsed(t *testing.T) {
	cache := emptyCache(t)
	s := newServer(t, fixture.Gzip(t, cifar10Fixtures().Tarred(t)))
	publish(t, "cifar10", s)
	fixture.Must(t, os.MkdirAll(cache, 0o755))
	byHand := filepath.Join(cache, "cifar-10-binary.tar.gz")
	fixture.Must(t, os.WriteFile(byHand, []byte("something else"), 0o644))
	_, err := Open(t.Context(), "cifar10", Options{})
	fixture.WantError(t, err, byHand, "MD5 checksum", "remove it")

	fixture.Must(t, os.WriteFile(byHand, s.content, 0o644))
	_, err = Open(t.Context(), "cifar10", Options{})
	fixture.Must(t, err)
	if got := s.requests.Load(); got != 0 {
		t.Errorf("asked %d times, want never", got)
	}
}

func TestOnlyTheFilesNeededAreDownloaded(t *testing.T) {
	emptyCache(t)
	s := newServer(t, svhnFile(10))
	publish(t, "svhn", s)
	for _, step := range []struct {
		testOnly bool
		requests int32 // altogether
	}{{true, 1}, {true, 1}, {false, 2}, {false, 2}} {
		set, err := Open(t.Context(), "svhn", Options{TestOnly: step.testOnly})
		fixture.Must(t, err)
		if set.Test.Len() != 10 || step.testOnly == (set.Train.Len() > 0) {
			t.Errorf("test only %t: got %s", step.testOnly, set)
		}
		if got := s.requests.Load(); got != step.requests {
			t.Errorf("test only %t: asked %d times altogether, want %d", step.testOnly, got, step.requests)
		}
	}
}
