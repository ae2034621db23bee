//go:build linux && (amd64 || arm64) && !noxla && cgo

package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/fakeplugin"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// badPlugin is one way in which XLA cannot be opened.
type badPlugin struct {
	name    string
	make    func(t *testing.T, path string) // the plugin at path; nil: none
	options string                          // after the path
	flags   string                          // XLA_FLAGS
	want    string                          // what the error says, beside the path
}

var badPlugins = []badPlugin{
	{name: "missing", want: "there is no file"},
	{name: "dangling link", make: linkToNothing, want: "there is no file"},
	{name: "folder", make: makeFolder, want: "is a folder"},
	{name: "pipe", make: makePipe, want: "is not a regular file"},
	{name: "empty", make: write(""), want: "is empty"},
	{name: "text", make: write("version https://git-lfs"), want: "is not a shared library"},
	{name: "cut off", make: build(halve), want: "is cut off"},
	{name: "last byte missing", make: build(dropByte), want: "is cut off"},
	{name: "of another processor", make: build(setByte(18, 43)), want: "is for EM_SPARCV9 processors"},
	{name: "program", make: build(setByte(16, 2)), want: "is no shared library"},
	{name: "other library", make: build(nil, "-DNO_ENTRY"), want: "no PJRT plugin"},
	{name: "too old", make: build(nil, "-DMINOR=54"), want: "is needed: get another plugin"},
	{name: "without its table", make: build(nil, "-DNO_TABLE"), want: "gives no PJRT interface"},
	{name: "without a driver", make: build(nil, "-DNO_DEVICE"), want: "check the driver with nvidia-smi"},
	{name: "unknown option", make: build(nil), options: ",warp=9", want: `no option "warp"; there are: allocator`},
	{name: "wrong value", make: build(nil), options: ",tf32=maybe", want: `"tf32"="maybe"`},
	{name: "unknown flag", make: build(nil), flags: "--xla_warp=9", want: "flag --xla_warp"},
	{name: "no flag", make: build(nil), flags: "xla_dump_to=/tmp", want: "not a flag"},
}

func TestAPluginThatCannotBeUsedIsOneLineThatSaysWhatToDo(t *testing.T) {
	for _, bad := range badPlugins {
		t.Run(bad.name, func(t *testing.T) {
			t.Setenv(plugin.FlagsVariable, bad.flags)
			path := filepath.Join(t.TempDir(), "plugin.so")
			if bad.make != nil {
				bad.make(t, path)
			}
			opened, _, err := backend.Open("xla:" + path + bad.options)
			if err == nil {
				opened.Finalize()
				t.Fatal("it was opened")
			}
			for _, want := range []string{bad.want, path, "usable here: "} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want one with %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %q, want one line", err)
			}
		})
	}
}

func TestAPluginIsNotTakenForWhatItsFileIsCalled(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(plugin.PathVariable, folder)
	path := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
	fakeplugin.Build(t, path, `-DPLATFORM="cuda"`)
	_, _, err := backend.Open("xla:cpu")
	if want := path + ` is named cpu, but computes on "cuda"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestADamagedPluginIsPassedOverForAWholeOne(t *testing.T) {
	damaged, whole := t.TempDir(), t.TempDir()
	t.Setenv(plugin.PathVariable, damaged+":"+whole)
	write("")(t, filepath.Join(damaged, "pjrt_c_api_cpu_plugin.so"))
	fakeplugin.Build(t, filepath.Join(whole, "pjrt_c_api_cpu_v0.99.0_plugin.so"), "-DMINOR=99")
	opened, choice, err := backend.Open("xla:cpu")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	if want := "pjrt_c_api_cpu_v0.99.0_plugin.so, PJRT API 0.99"; choice.Plugin != want {
		t.Errorf("Plugin = %q, want %q", choice.Plugin, want)
	}
	if choice.Platform != "cpu" || choice.Config != "xla:cpu" || choice.Instructions != "" {
		t.Errorf("got %+v, want platform cpu, config xla:cpu and no instructions", choice)
	}
}

func linkToNothing(t *testing.T, path string) {
	if err := os.Symlink("nothing", path); err != nil {
		t.Fatal(err)
	}
}

func makeFolder(t *testing.T, path string) {
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func makePipe(t *testing.T, path string) {
	if err := syscall.Mkfifo(path, 0o644); err != nil {
		t.Fatal(err)
	}
}

func write(content string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// build makes a plugin and changes its bytes.
func build(change func([]byte) []byte, flags ...string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		fakeplugin.Build(t, path, flags...)
		if change == nil {
			return
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(string(change(content)))(t, path)
	}
}

func halve(content []byte) []byte    { return content[:len(content)/2] }
func dropByte(content []byte) []byte { return content[:len(content)-1] }

func setByte(i int, value byte) func([]byte) []byte {
	return func(content []byte) []byte {
		content[i] = value
		return content
	}
}
