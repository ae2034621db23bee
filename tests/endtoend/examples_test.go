package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runExample runs a program that was built of an example, on the backend of the other tests, in a folder of its own.
func runExample(t *testing.T, program string, args ...string) string {
	t.Helper()
	command := dismax(t, args...)
	command.Path, command.Dir = program, t.TempDir()
	return succeed(t, command)
}

// README's program is the example dropin, to the byte, and compiles and runs in a module of its own.
func TestTheProgramOfREADMERunsAsItStands(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```go\n// Dropin")
	program, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("README.md has no block of Go that begins with // Dropin")
	}
	program = "// Dropin" + program
	example, err := os.ReadFile("../../dismaxlib/examples/dropin/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if program != string(example) {
		t.Error("the program in README.md is not dismaxlib/examples/dropin/main.go: copy that file into it")
	}
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "main.go"), []byte(program))
	if output := runExample(t, buildOutside(t, folder)); !strings.Contains(output, "test images are classified correctly") {
		t.Errorf("it prints:\n%s", output)
	}
}

func TestREADMENamesTheVersionOfGoMLX(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "github.com/gomlx/gomlx").Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(version)); !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not name %q, which go.mod requires", want)
	}
}

func TestTheExamplesRun(t *testing.T) {
	weights, err := filepath.Abs("../../tests/pytorch/resnet8-dismax.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		says []string // regular expressions
	}{
		"detector": {nil, []string{"of 200 inputs of synthetic-far refused", "% missed\n"}},
		"tabular":  {nil, []string{"of 600 inputs of rows moved by 6 refused"}},
		"finetune": {[]string{"resnet8", weights}, []string{"the loss fell from", "(9[0-9]|100)% of 500 test images are classified"}},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), name)
			output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../dismaxlib/examples/"+name).CombinedOutput()
			if err != nil {
				t.Fatalf("building: %v\n%s", err, output)
			}
			printed := runExample(t, program, test.args...)
			for _, says := range test.says {
				if !regexp.MustCompile(says).MatchString(printed) {
					t.Errorf("it does not print %q:\n%s", says, printed)
				}
			}
		})
	}
}
