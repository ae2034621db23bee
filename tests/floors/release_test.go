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

// TestTheCommandNeedsNoCOnAnyPlatformOfARelease builds it in pure Go for each platform that "make release" names.
func TestTheCommandNeedsNoCOnAnyPlatformOfARelease(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	line := platformsLine.FindSubmatch(makefile)
	if line == nil {
		t.Fatal("the Makefile names no platforms")
	}
	for _, platform := range strings.Fields(string(line[1])) {
		t.Run(platform, func(t *testing.T) {
			system, processor, _ := strings.Cut(platform, "/")
			build := exec.Command("go", "build", "-o", t.TempDir(), module+"/dismaxlib/cmd/dismax")
			build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
			if output, err := build.CombinedOutput(); err != nil {
				t.Errorf("%v: %v\n%s", build.Args, err, output)
			}
		})
	}
}
