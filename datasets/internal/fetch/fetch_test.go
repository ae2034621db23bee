package fetch

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
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

	"github.com/dismax-go/dismax/datasets/internal/fixture"
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
func (m *mirror) file(wanted []byte) File {
	return File{URL: m.URL + "/sets/images.bin", Checksum: Checksum(fmt.Sprintf("MD5 %x", md5.Sum(wanted))), MaxBytes: 1 << 20}
}

// TestMain keeps all tests off the network: only servers of this machine can be reached.
func TestMain(m *testing.M) {
	Transport = transport(func(request *http.Request) (*http.Response, error) {
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
	original := Transport
	Transport = answer
	t.Cleanup(func() { Transport = original })
}

// impatient makes downloads try again at once.
func impatient(t *testing.T) {
	t.Helper()
	patience := Patience
	Patience.Pause, Patience.Stall = time.Millisecond, 100*time.Millisecond
	t.Cleanup(func() { Patience = patience })
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
				fixture.Must(t, os.WriteFile(filepath.Join(folder, "images.bin.part"), test.part, 0o644))
			}
			var last [2]int64
			fixture.Must(t, m.file(content).Fetch(t.Context(), folder, func(done, total int64) { last = [2]int64{done, total} }))
			got, err := os.ReadFile(filepath.Join(folder, "images.bin"))
			fixture.Must(t, err)
			if !bytes.Equal(got, content) {
				t.Errorf("got %d other bytes, want %d", len(got), len(content))
			}
			if m.requests.Load() != test.requests || strings.Join(m.ranges, " ") != test.ranges {
				t.Errorf("got %d requests for %q, want %d for %q",
					m.requests.Load(), strings.Join(m.ranges, " "), test.requests, test.ranges)
			}
			if test.requests > 0 && len(test.part) < len(content) && last != [2]int64{100_000, 100_000} {
				t.Errorf("the last progress is %v, want all 100000 bytes", last)
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
			err := file.Fetch(t.Context(), folder, nil)
			target := filepath.Join(folder, "images.bin")
			fixture.WantError(t, err, test.want, "images.bin")
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("%v is not ErrUnavailable", err)
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
	patience := Patience
	Patience.Pause = time.Hour // before a second attempt
	t.Cleanup(func() { Patience = patience })
	file := File{URL: "http://host.invalid/images.bin", Checksum: "MD5 00"}
	fixture.WantError(t, file.Fetch(t.Context(), t.TempDir(), nil), "cannot be reached, is there a network", "host.invalid")
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
	fixture.Must(t, m.file(content).Fetch(t.Context(), t.TempDir(), nil))
	if attempts != 3 {
		t.Errorf("tried %d times, want 3", attempts)
	}
}

func TestStoppedDownloadGoesOnTheNextTime(t *testing.T) {
	impatient(t)
	m := newMirror(t, content, func(m *mirror) { m.cutAfter, m.stall = 60_000, true })
	Patience.Stall = time.Hour
	folder := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	err := m.file(content).Fetch(ctx, folder, func(done, _ int64) {
		if done == 60_000 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v, want the error of the context", err)
	}
	fixture.Must(t, m.file(content).Fetch(t.Context(), folder, nil))
	if got := strings.Join(m.ranges, " "); got != " bytes=60000-" {
		t.Errorf("asked for %q, want all and then the rest", got)
	}
}

func TestWaitingForAnotherProcessCanBeStopped(t *testing.T) {
	folder := t.TempDir()
	file := File{URL: "http://host.invalid/images.bin"}
	lock := flock.New(filepath.Join(folder, ".images.bin.lock"))
	fixture.Must(t, lock.Lock())
	defer lock.Unlock()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if err := file.Fetch(ctx, folder, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

// TestTwoProcessesDownloadOnce runs this test's program twice more, as processes that want the same file.
func TestTwoProcessesDownloadOnce(t *testing.T) {
	impatient(t)
	if url := os.Getenv("DISMAX_TEST_URL"); url != "" {
		fixture.Must(t, File{URL: url, Checksum: Checksum(os.Getenv("DISMAX_TEST_CHECKSUM")), MaxBytes: 1 << 20}.Fetch(
			t.Context(), os.Getenv("DISMAX_TEST_FOLDER"), nil))
		return
	}
	m := newMirror(t, content, func(m *mirror) { m.cutAfter = 30_000 }) // so that the download takes a while
	file, folder := m.file(content), t.TempDir()
	var group sync.WaitGroup
	for range 2 {
		command := exec.Command(os.Args[0], "-test.run=^TestTwoProcessesDownloadOnce$")
		command.Env = append(os.Environ(), "DISMAX_TEST_URL="+file.URL, "DISMAX_TEST_CHECKSUM="+string(file.Checksum),
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
	fixture.Must(t, err)
	if !bytes.Equal(got, content) {
		t.Errorf("got %d other bytes, want %d", len(got), len(content))
	}
}

// FuzzPartialDownload continues any bytes that an earlier download may have left: the file is complete in the end.
func FuzzPartialDownload(f *testing.F) {
	Patience.Pause = time.Millisecond
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
		fixture.Must(t, os.WriteFile(filepath.Join(folder, "images.bin.part"), left, 0o644))
		fixture.Must(t, m.file(published).Fetch(t.Context(), folder, nil))
		got, err := os.ReadFile(filepath.Join(folder, "images.bin"))
		fixture.Must(t, err)
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

func TestLongerFilesAreNotDownloaded(t *testing.T) {
	for _, test := range []struct {
		name   string
		length bool // whether the server says how long the file is
	}{{"declared", true}, {"not declared", false}} {
		t.Run(test.name, func(t *testing.T) {
			requests := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests++
				if test.length {
					w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				}
				for rest := content; len(rest) > 0; rest = rest[1000:] {
					if _, err := w.Write(rest[:1000]); err != nil {
						return
					}
					w.(http.Flusher).Flush()
				}
			}))
			defer server.Close()
			folder := t.TempDir()
			file := File{URL: server.URL + "/images.bin", Checksum: Checksum(fmt.Sprintf("MD5 %x", md5.Sum(content))),
				MaxBytes: 50_000}
			fixture.WantError(t, file.Fetch(t.Context(), folder, nil), "images.bin", "more than 50 kB")
			if requests != 1 {
				t.Errorf("asked %d times, want once", requests)
			}
			if info, err := os.Stat(filepath.Join(folder, "images.bin.part")); err == nil && info.Size() > 50_000 {
				t.Errorf("kept %d bytes, want at most 50000", info.Size())
			}
		})
	}
}

func TestHTTPSIsLeftForHTTPOnlyWithAnUnforgeableChecksum(t *testing.T) {
	plain := newMirror(t, content)
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL+"/images.bin", http.StatusFound))
	t.Cleanup(secure.Close)
	replaceTransport(t, secure.Client().Transport.RoundTrip)
	for _, test := range []struct {
		checksum string
		want     string // of the error
	}{
		{fmt.Sprintf("MD5 %x", md5.Sum(content)), "redirects from HTTPS to http://"},
		{fmt.Sprintf("SHA-256 %x", sha256.Sum256(content)), ""},
	} {
		file := File{URL: secure.URL + "/images.bin", Checksum: Checksum(test.checksum), MaxBytes: 1 << 20}
		if err := file.Fetch(t.Context(), t.TempDir(), nil); test.want == "" {
			fixture.Must(t, err)
		} else {
			fixture.WantError(t, err, test.want)
		}
	}
	if got := plain.requests.Load(); got != 1 {
		t.Errorf("%d requests went over HTTP, want the one that may", got)
	}
}

func TestCheckingEndsWithTheContext(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := Checksum("MD5 00").Check(ctx, fixture.Write(t, "abc", []byte("abc"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}
