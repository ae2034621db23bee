// Command nochecksum shows that go-xla's installer of the plugin for CPUs installs whatever it is sent, under any HTTP
// status: it answers the installer's requests itself, with a page that says "not found" and an archive of a text file.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/go-xla/installer"
)

// forger answers every request.
type forger struct{}

const asset = "https://example.org/pjrt_cpu_linux_amd64.tar.gz"

func (forger) RoundTrip(request *http.Request) (*http.Response, error) {
	body := []byte(`{"assets": [{"name": "pjrt_cpu_linux_amd64.tar.gz", "browser_download_url": "` + asset + `"}]}`)
	status := http.StatusOK
	if strings.HasSuffix(request.URL.Path, ".tar.gz") {
		body, status = archive(), http.StatusNotFound
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(body)),
		Header: http.Header{}, Request: request,
	}, nil
}

func archive() []byte {
	var content bytes.Buffer
	compressed := gzip.NewWriter(&content)
	files := tar.NewWriter(compressed)
	text := []byte("this is no plugin")
	check(files.WriteHeader(&tar.Header{Name: "pjrt_c_api_cpu_v0.0.0_plugin.so", Mode: 0o644, Size: int64(len(text))}))
	_, err := files.Write(text)
	check(err)
	check(files.Close())
	check(compressed.Close())
	return content.Bytes()
}

func main() {
	http.DefaultTransport = forger{}
	folder, err := os.MkdirTemp("", "plugin")
	check(err)
	defer os.RemoveAll(folder)
	err = installer.CPUInstall("linux_amd64", "v0.0.0", folder, false, installer.Quiet)
	installed, globErr := filepath.Glob(filepath.Join(folder, "*"))
	check(globErr)
	fmt.Printf("the installer returned %v and installed %v\n", err, installed)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
