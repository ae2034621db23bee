package plugin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/fakeplugin"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

func TestFlagsThatWouldEndTheProgramAreRefused(t *testing.T) {
	folder := t.TempDir()
	library := filepath.Join(folder, "plugin.so")
	fakeplugin.Build(t, library, `-DPLATFORM="xla_dump_to"`) // the one flag that this plugin has among its strings
	file := filepath.Join(folder, "flags")
	if err := os.WriteFile(file, []byte("--xla_dump_to=/tmp\n--xla_dmup_to=/tmp\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ flags, want string }{
		{"", ""},
		{" \t", ""},
		{"--xla_dump_to=/tmp", ""},
		{"--xla_dump_to='/a folder' --xla_dump_to", ""},
		{"--xla_dmup_to=/tmp", "flag --xla_dmup_to, which this plugin does not know"},
		{"--xla_dump_to=/tmp --", "not of the form"},
		{"-xla_dump_to=/tmp", "not of the form"},
		{"--xla_dump_to=/a folder", "not of the form"},
		{"xla_dump_to=/tmp", "not a flag"},
		{file, "--xla_dmup_to"},
	} {
		err := plugin.CheckFlags(c.flags, library)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("CheckFlags(%q): got error %v, want none", c.flags, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("CheckFlags(%q): got error %v, want one with %q", c.flags, err, c.want)
		}
	}
}

func TestCUDAsDataAreFoundBesideThePlugin(t *testing.T) {
	packages := t.TempDir()
	library := place(t, packages, "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so")
	place(t, packages, "nvidia", "cu13", "nvvm", "libdevice", "libdevice.10.bc")
	found := `--xla_gpu_cuda_data_dir="` + filepath.Join(packages, "nvidia", "cu13") + `"`
	for _, c := range []struct{ flags, path, want string }{
		{"", library, found},
		{"--xla_dump_to=/tmp", library, "--xla_dump_to=/tmp " + found},
		{"--xla_gpu_cuda_data_dir=/mine", library, "--xla_gpu_cuda_data_dir=/mine"},
		{"/file/of/flags", library, "/file/of/flags"},
		{"", place(t, t.TempDir(), "a", "cpu.so"), ""},
	} {
		if got := plugin.FlagsForCUDA(c.flags, c.path); got != c.want {
			t.Errorf("FlagsForCUDA(%q, %s) = %q, want %q", c.flags, c.path, got, c.want)
		}
	}
}
