package backend_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend"
)

// openEverything is the environment variable that makes the test program do what [TestNothingUsesTheNetwork] watches.
const openEverything = "DISMAX_TEST_OPEN_EVERYTHING"

func TestMain(m *testing.M) {
	if os.Getenv(openEverything) != "" {
		backend.Found()
		if opened, _, err := backend.Open(""); err == nil {
			opened.Finalize()
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestNothingUsesTheNetwork runs this program again, because net/http reads the proxy's address once.
func TestNothingUsesTheNetwork(t *testing.T) {
	var requests atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.Error(w, "no network here", http.StatusBadGateway)
	}))
	defer proxy.Close()
	for _, config := range []string{"", "xla", "xla:cpu", "xla:cuda", "xla:cpu_v0.114.0", "xla:none"} {
		for _, home := range []string{os.Getenv("HOME"), t.TempDir()} {
			t.Run(fmt.Sprintf("%q, home %s", config, home), func(t *testing.T) {
				requests.Store(0)
				command := exec.CommandContext(t.Context(), os.Args[0])
				command.Env = append(os.Environ(), openEverything+"=1", compute.ConfigEnvVar+"="+config, "HOME="+home,
					"HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=")
				command.Env = slices.DeleteFunc(command.Env, func(variable string) bool {
					return strings.HasPrefix(variable, "GOMLX_NO_AUTO_INSTALL=")
				})
				if output, err := command.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, output)
				}
				if got := requests.Load(); got != 0 {
					t.Errorf("got %d requests, want 0", got)
				}
			})
		}
	}
}

func TestThePackageCannotUseTheNetwork(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{"net", "net/http"} {
		if slices.Contains(strings.Fields(string(output)), unwanted) {
			t.Errorf("the package depends on %s", unwanted)
		}
	}
}
