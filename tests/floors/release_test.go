package floors

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var platformsLine = regexp.MustCompile(`(?m)^platforms := (.+)$`)

// platforms are those that "make release" builds the command for in pure Go: "linux/arm64".
func platforms(t *testing.T) []string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	line := platformsLine.FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile names no platforms")
	}
	return strings.Fields(string(line[1]))
}

// goFor runs the go command for a platform, without C.
func goFor(t *testing.T, platform string, arguments ...string) string {
	t.Helper()
	system, processor, _ := strings.Cut(platform, "/")
	command := exec.Command("go", arguments...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("%v for %s: %v\n%s", command.Args, platform, err, output)
	}
	return string(output)
}

const command = module + "/dismaxlib/cmd/dismax"

// Without compiling: the go command refuses an import of which there is nothing but C on a platform.
func TestTheCommandImportsNoXLAOnAnyPlatformOfARelease(t *testing.T) {
	for _, platform := range platforms(t) {
		for path := range strings.Lines(goFor(t, platform, "list", "-deps", command)) {
			if strings.Contains(path, "/go-xla/") {
				t.Errorf("%s: the command imports %s", platform, strings.TrimSpace(path))
			}
		}
	}
}
