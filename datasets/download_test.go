package datasets

import (
	"bytes"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// mirror is a local HTTP server that plays a download with troubles.
type mirror struct {
	*httptest.Server
	content   []byte
	requests  atomic.Int32
	ranges    []string // asked for
	cutAfter  int      // bytes of each answer before the connection breaks; 0 is never
	noRanges  bool     // answers with the whole file whatever is asked for
	wrongFrom bool     // answers with another range than is asked for
	status    int      // instead of an answer
	stall     bool     // answers nothing after the first bytes
	mu        sync.Mutex
}

// newMirror starts a server of the content. The troubles, if any, are set before it starts.
func newMirror(t *testing.T, content []byte, troubles ...func(*mirror)) *mirror {
	t.Helper()
	m := &mirror{content: content}
	for _, trouble := range troubles {
		trouble(m)
	}
	m.Server = httptest.NewServer(http.HandlerFunc(m.answer))
	t.Cleanup(m.Close)
	return m
}

func (m *mirror) answer(w http.ResponseWriter, r *http.Request) {
	m.requests.Add(1)
	m.mu.Lock()
	m.ranges = append(m.ranges, r.Header.Get("Range"))
	m.mu.Unlock()
	if m.status != 0 {
		w.WriteHeader(m.status)
		return
	}
	from := 0
	if asked := r.Header.Get("Range"); asked != "" && !m.noRanges {
		fmt.Sscanf(asked, "bytes=%d-", &from)
		if from >= len(m.content) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		told := from
		if m.wrongFrom {
			told++
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", told, len(m.content)-1, len(m.content)))
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(m.content)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	rest := m.content[from:]
	if m.cutAfter > 0 && len(rest) > m.cutAfter {
		w.Write(rest[:m.cutAfter])
		w.(http.Flusher).Flush()
		if m.stall {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}
	w.Write(rest)
}

// file is the mirror's file, with the checksum of the content wanted.
func (m *mirror) file(wanted []byte) remoteFile {
	return remoteFile{url: m.URL + "/sets/images.bin", checksum: checksum(fmt.Sprintf("MD5 %x", md5.Sum(wanted)))}
}

// TestMain keeps all tests off the network: only servers of this machine can be reached.
func TestMain(m *testing.M) {
	downloadClient.Transport = transport(func(request *http.Request) (*http.Response, error) {
		if request.URL.Hostname() != "127.0.0.1" {
			return nil, &net.DNSError{Err: "no such host", Name: request.URL.Hostname()}
		}
		return http.DefaultTransport.RoundTrip(request)
	})
	os.Exit(m.Run())
}

// transport is a function that answers requests.
type transport func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (answer transport) RoundTrip(request *http.Request) (*http.Response, error) {
	return answer(request)
}

// replaceTransport answers requests otherwise.
func replaceTransport(t *testing.T, answer transport) {
	t.Helper()
	original := downloadClient.Transport
	downloadClient.Transport = answer
	t.Cleanup(func() { downloadClient.Transport = original })
}

// impatient makes downloads try again at once.
func impatient(t *testing.T) {
	t.Helper()
	pause, stall := downloadPause, downloadStall
	downloadPause, downloadStall = time.Millisecond, 100*time.Millisecond
	t.Cleanup(func() { downloadPause, downloadStall = pause, stall })
}

var content = bytes.Repeat([]byte("the images of a set "), 5000) // 100,000 bytes

func TestDownload(t *testing.T) {
	impatient(t)
	for _, test := range []struct {
		name     string
		trouble  func(m *mirror)
		part     []byte // left by an earlier download
		requests int32
		ranges   string
	}{
		{"without trouble", func(*mirror) {}, nil, 1, ""},
		{"broken connections", func(m *mirror) { m.cutAfter = 40_000 }, nil, 3, " bytes=40000- bytes=80000-"},
		{"a stalled connection", func(m *mirror) { m.cutAfter, m.stall = 60_000, true }, nil, 2, " bytes=60000-"},
		{"continued from an earlier try", func(*mirror) {}, content[:70_000], 1, "bytes=70000-"},
		{"all there from an earlier try", func(*mirror) {}, content, 1, "bytes=100000-"},
		{"a server without ranges", func(m *mirror) { m.noRanges = true }, content[:70_000], 1, "bytes=70000-"},
		{"an earlier try of something else", func(*mirror) {}, []byte("something else"), 2, "bytes=14- "},
		{"too much from an earlier try", func(*mirror) {}, append(bytes.Clone(content), 1), 2, "bytes=100001- "},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMirror(t, content, test.trouble)
			folder := t.TempDir()
			if test.part != nil {
				must(t, os.WriteFile(filepath.Join(folder, "images.bin.part"), test.part, 0o644))
			}
			var last Progress
			must(t, m.file(content).fetch(t.Context(), folder, func(p Progress) { last = p }))
			got, err := os.ReadFile(filepath.Join(folder, "images.bin"))
			must(t, err)
			if !bytes.Equal(got, content) {
				t.Errorf("got %d other bytes, want %d", len(got), len(content))
			}
			if m.requests.Load() != test.requests || strings.Join(m.ranges, " ") != test.ranges {
				t.Errorf("got %d requests for %q, want %d for %q",
					m.requests.Load(), strings.Join(m.ranges, " "), test.requests, test.ranges)
			}
			if test.requests > 0 && len(test.part) < len(content) && (last.Done != 100_000 || last.Total != 100_000) {
				t.Errorf("the last progress is %+v, want all 100000 bytes", last)
			}
			if _, err := os.Stat(filepath.Join(folder, "images.bin.part")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a partial file is left: %v", err)
			}
		})
	}
}

func TestFailedDownloadIsExplainedAndLeavesNoFile(t *testing.T) {
	impatient(t)
	for _, test := range []struct {
		name     string
		trouble  func(m *mirror)
		want     string
		requests int32
	}{
		{"not there", func(m *mirror) { m.status = 404 }, "404 Not Found", 1},
		{"forbidden", func(m *mirror) { m.status = 403 }, "403 Forbidden", 1},
		{"server in trouble", func(m *mirror) { m.status = 503 }, "503", 5},
		{"wrong content", func(m *mirror) { m.content = []byte("<html>please log in</html>") }, "MD5 checksum", 2},
		{"never complete", func(m *mirror) { m.cutAfter = 1000 }, "connection broke", 5},
		{"wrong range", func(m *mirror) { m.cutAfter, m.wrongFrom = 60_000, true }, "from byte 60001", 5},
		{"no server", func(*mirror) {}, "refused", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMirror(t, content, test.trouble)
			file := m.file(content)
			if test.requests == 0 {
				m.Close()
			}
			folder := t.TempDir()
			err := file.fetch(t.Context(), folder, nil)
			target := filepath.Join(folder, "images.bin")
			wantError(t, err, test.want, "images.bin")
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("%v is not ErrNotFound", err)
			}
			if got := m.requests.Load(); got != test.requests {
				t.Errorf("asked %d times, want %d", got, test.requests)
			}
			if _, err := os.Stat(target); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a file of the final name is left: %v", err)
			}
		})
	}
}

func TestUnreachableServerIsNotWaitedFor(t *testing.T) {
	downloadPause = time.Hour // before a second attempt
	t.Cleanup(func() { downloadPause = 2 * time.Second })
	file := remoteFile{url: "http://host.invalid/images.bin", checksum: "MD5 00"}
	wantError(t, file.fetch(t.Context(), t.TempDir(), nil), "cannot be reached, is there a network", "host.invalid")
}

func TestServerThatDisappearsForAWhileIsWaitedFor(t *testing.T) {
	impatient(t)
	m := newMirror(t, content, func(m *mirror) { m.cutAfter = 60_000 })
	attempts := 0
	replaceTransport(t, func(request *http.Request) (*http.Response, error) {
		if attempts++; attempts == 2 {
			return nil, &net.DNSError{Err: "no such host", Name: request.URL.Host}
		}
		return http.DefaultTransport.RoundTrip(request)
	})
	must(t, m.file(content).fetch(t.Context(), t.TempDir(), nil))
	if attempts != 3 {
		t.Errorf("tried %d times, want 3", attempts)
	}
}

func TestStoppedDownloadGoesOnTheNextTime(t *testing.T) {
	impatient(t)
	m := newMirror(t, content, func(m *mirror) { m.cutAfter, m.stall = 60_000, true })
	downloadStall = time.Hour
	folder := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	err := m.file(content).fetch(ctx, folder, func(p Progress) {
		if p.Done == 60_000 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want the error of the context", err)
	}
	must(t, m.file(content).fetch(t.Context(), folder, nil))
	if got := strings.Join(m.ranges, " "); got != " bytes=60000-" {
		t.Errorf("asked for %q, want all and then the rest", got)
	}
}

func TestWaitingForAnotherProcessCanBeStopped(t *testing.T) {
	folder := t.TempDir()
	file := remoteFile{url: "http://host.invalid/images.bin"}
	lock := flock.New(filepath.Join(folder, ".images.bin.lock"))
	must(t, lock.Lock())
	defer lock.Unlock()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if err := file.fetch(ctx, folder, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

// TestTwoProcessesDownloadOnce runs this test's program twice more, as processes that want the same file.
func TestTwoProcessesDownloadOnce(t *testing.T) {
	impatient(t)
	if url := os.Getenv("DISMAX_TEST_URL"); url != "" {
		must(t, remoteFile{url: url, checksum: checksum(os.Getenv("DISMAX_TEST_CHECKSUM"))}.fetch(
			t.Context(), os.Getenv("DISMAX_TEST_FOLDER"), nil))
		return
	}
	m := newMirror(t, content, func(m *mirror) { m.cutAfter = 30_000 }) // so that the download takes a while
	file, folder := m.file(content), t.TempDir()
	var group sync.WaitGroup
	for range 2 {
		command := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesDownloadOnce$")
		command.Env = append(os.Environ(), "DISMAX_TEST_URL="+file.url, "DISMAX_TEST_CHECKSUM="+string(file.checksum),
			"DISMAX_TEST_FOLDER="+folder)
		group.Go(func() {
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	group.Wait()
	if got := m.requests.Load(); got != 4 {
		t.Errorf("asked %d times, want 4: one download in four parts", got)
	}
	got, err := os.ReadFile(filepath.Join(folder, "images.bin"))
	must(t, err)
	if !bytes.Equal(got, content) {
		t.Errorf("got %d other bytes, want %d", len(got), len(content))
	}
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
func publish(t *testing.T, name string, m *mirror) {
	t.Helper()
	set := publishedByName(t, name)
	original := set.downloads
	t.Cleanup(func() { set.downloads = original })
	set.downloads = nil
	for _, file := range original {
		local := m.file(m.content)
		local.url, local.training = m.URL+"/"+file.name(), file.training
		set.downloads = append(set.downloads, local)
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
	impatient(t)
	cache := emptyCache(t)
	m := newMirror(t, gzipped(t, cifar10Fixtures().tarred(t)))
	publish(t, "cifar10", m)
	for range 2 {
		set, err := Open(t.Context(), "cifar10", Options{})
		must(t, err)
		if set.Train.Len() != 50 || set.Found != "cifar-10-binary.tar.gz" {
			t.Errorf("got %s, want 50 training images", set)
		}
	}
	if got := m.requests.Load(); got != 1 {
		t.Errorf("asked %d times, want once", got)
	}
	path, err := Fetch(t.Context(), "cifar10", Options{Offline: true})
	must(t, err)
	if want := filepath.Join(cache, "cifar-10-binary.tar.gz"); path != want {
		t.Errorf("the set is in %s, want %s", path, want)
	}
}

func TestNothingIsDownloadedWhereItIsNotWanted(t *testing.T) {
	emptyCache(t)
	m := newMirror(t, nil)
	publish(t, "cifar10", m)
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
	if got := m.requests.Load(); got != 0 {
		t.Errorf("asked %d times, want never", got)
	}
}

func TestErrorOfASetThatCannotBeHadSaysHowToGetIt(t *testing.T) {
	impatient(t)
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
			want = append(want, file.url, string(file.checksum), filepath.Join(set.place(cache), file.name()))
		}
		_, err := Open(t.Context(), test.name, test.options)
		wantError(t, err, want...)
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%v is not ErrNotFound", err)
		}
	}
}

func TestCachedFileIsCheckedBeforeItIsUsed(t *testing.T) {
	cache := emptyCache(t)
	m := newMirror(t, gzipped(t, cifar10Fixtures().tarred(t)))
	publish(t, "cifar10", m)
	must(t, os.MkdirAll(cache, 0o755))
	byHand := filepath.Join(cache, "cifar-10-binary.tar.gz")
	must(t, os.WriteFile(byHand, []byte("something else"), 0o644))
	_, err := Open(t.Context(), "cifar10", Options{})
	wantError(t, err, byHand, "MD5 checksum", "remove it")

	must(t, os.WriteFile(byHand, m.content, 0o644))
	_, err = Open(t.Context(), "cifar10", Options{})
	must(t, err)
	if got := m.requests.Load(); got != 0 {
		t.Errorf("asked %d times, want never", got)
	}
}

func TestChecksumsOfBothKinds(t *testing.T) {
	file := writeFile(t, "abc", []byte("abc"))
	for _, test := range []struct {
		sum  checksum
		want string // of the error
	}{
		{"MD5 900150983cd24fb0d6963f7d28e17f72", ""},
		{"MD5 00", "900150983cd24fb0d6963f7d28e17f72"},
		{"SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ""},
		{"SHA-256 00", "ba7816bf"},
		{"CRC 00", "CRC"},
	} {
		err := test.sum.check(file)
		if test.want == "" {
			must(t, err)
			continue
		}
		wantError(t, err, test.want)
	}
}

func TestOnlyTheFilesNeededAreDownloaded(t *testing.T) {
	impatient(t)
	emptyCache(t)
	m := newMirror(t, svhnFile(10))
	publish(t, "svhn", m)
	for _, step := range []struct {
		testOnly bool
		requests int32 // altogether
	}{{true, 1}, {true, 1}, {false, 2}, {false, 2}} {
		set, err := Open(t.Context(), "svhn", Options{TestOnly: step.testOnly})
		must(t, err)
		if set.Test.Len() != 10 || step.testOnly == (set.Train.Len() > 0) {
			t.Errorf("test only %t: got %s", step.testOnly, set)
		}
		if got := m.requests.Load(); got != step.requests {
			t.Errorf("test only %t: asked %d times altogether, want %d", step.testOnly, got, step.requests)
		}
	}
}

func TestListSaysWhatIsWhere(t *testing.T) {
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	t.Setenv(DataVariable, filepath.Dir(cifarFixtures(1).folder(t, "cifar10")))
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

// FuzzPartialDownload continues any bytes that an earlier download may have left: the file is complete in the end.
func FuzzPartialDownload(f *testing.F) {
	downloadPause = time.Millisecond
	published := []byte("the images of a set")
	m := &mirror{content: published}
	m.Server = httptest.NewServer(http.HandlerFunc(m.answer))
	f.Cleanup(m.Close)
	f.Add([]byte(nil))
	f.Add(published[:7])
	f.Add(published)
	f.Add([]byte("the images of another set"))
	f.Fuzz(func(t *testing.T, left []byte) {
		folder := t.TempDir()
		must(t, os.WriteFile(filepath.Join(folder, "images.bin.part"), left, 0o644))
		must(t, m.file(published).fetch(t.Context(), folder, nil))
		got, err := os.ReadFile(filepath.Join(folder, "images.bin"))
		must(t, err)
		if !bytes.Equal(got, published) {
			t.Errorf("after %q was left, the file is %q, want %q", left, got, published)
		}
	})
}

// FuzzRange reads any header about the range of an answer.
func FuzzRange(f *testing.F) {
	f.Add("bytes 100-199/200")
	f.Add("bytes */200")
	f.Fuzz(func(t *testing.T, header string) {
		if start := rangeStart(header); start < -1 {
			t.Errorf("the range %q starts at %d", header, start)
		}
	})
}
