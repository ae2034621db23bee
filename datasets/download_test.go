package datasets

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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
	sum := md5.Sum(wanted)
	return remoteFile{url: m.URL + "/sets/images.bin", md5: hex.EncodeToString(sum[:])}
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
			must(t, m.file(content).fetch(folder, func(p Progress) { last = p }))
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
			err := file.fetch(folder, nil)
			target := filepath.Join(folder, "images.bin")
			wantError(t, err, test.want, "by hand: download "+file.url, "MD5 "+file.md5, target)
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

func TestUnknownHostSaysThatThereIsNoNetwork(t *testing.T) {
	impatient(t)
	file := remoteFile{url: "http://host.invalid/images.bin", md5: "00"}
	err := file.fetch(t.TempDir(), nil)
	wantError(t, err, "there seems to be no network", "by hand")
}

// TestTwoProcessesDownloadOnce runs this test's program twice more, as processes that want the same file.
func TestTwoProcessesDownloadOnce(t *testing.T) {
	impatient(t)
	if url := os.Getenv("DISMAX_TEST_URL"); url != "" {
		must(t, remoteFile{url: url, md5: os.Getenv("DISMAX_TEST_MD5")}.fetch(os.Getenv("DISMAX_TEST_FOLDER"), nil))
		return
	}
	m := newMirror(t, content, func(m *mirror) { m.cutAfter = 30_000 }) // so that the download takes a while
	file, folder := m.file(content), t.TempDir()
	var group sync.WaitGroup
	for range 2 {
		command := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesDownloadOnce$")
		command.Env = append(os.Environ(), "DISMAX_TEST_URL="+file.url, "DISMAX_TEST_MD5="+file.md5,
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

func TestOpenDownloadsWhatIsMissing(t *testing.T) {
	impatient(t)
	caches := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", caches)
	t.Setenv(DataVariable, "")
	m := newMirror(t, gzipped(t, cifar10Fixtures().tarred(t)))
	published := m.file(m.content)
	published.url = m.URL + "/cifar-10-binary.tar.gz"
	known, err := sets.ByName("cifar10")
	must(t, err)
	original := known.downloads
	known.downloads = []remoteFile{published}
	t.Cleanup(func() { known.downloads = original })

	if _, err := Open("cifar10", Options{}); !errors.Is(err, ErrNotFound) || m.requests.Load() != 0 {
		t.Fatalf("without Download: %v after %d requests, want ErrNotFound after none", err, m.requests.Load())
	}
	for range 2 {
		set, err := Open("cifar10", Options{Download: true})
		must(t, err)
		if set.Train.Len() != 50 || set.Found != "cifar-10-binary.tar.gz" {
			t.Errorf("got %s, want 50 training images", set)
		}
	}
	if got := m.requests.Load(); got != 1 {
		t.Errorf("asked %d times, want once", got)
	}
	if _, err := os.Stat(filepath.Join(caches, "dismax", "cifar-10-binary.tar.gz")); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheFilesNeededAreDownloaded(t *testing.T) {
	impatient(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv(DataVariable, "")
	m := newMirror(t, svhnFile(10))
	known, err := sets.ByName("svhn")
	must(t, err)
	original := known.downloads
	t.Cleanup(func() { known.downloads = original })
	known.downloads = nil
	for _, file := range original {
		local := m.file(m.content)
		local.url, local.training = m.URL+"/"+file.name(), file.training
		known.downloads = append(known.downloads, local)
	}
	for _, step := range []struct {
		testOnly bool
		requests int32 // altogether
	}{{true, 1}, {true, 1}, {false, 2}, {false, 2}} {
		set, err := Open("svhn", Options{TestOnly: step.testOnly, Download: true})
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
	for _, listing := range List(Options{Download: true}) {
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
