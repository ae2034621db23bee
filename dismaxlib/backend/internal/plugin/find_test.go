package plugin_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// place makes an empty file and the folders above it.
func place(t *testing.T, path ...string) string {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPluginsAreFoundWhereTheyAreInOrderOfPreference(t *testing.T) {
	home, named, environment, programs := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	packages := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv(plugin.PathVariable, named+string(filepath.ListSeparator)+"relative")
	t.Setenv("LD_LIBRARY_PATH", "")
	t.Setenv("VIRTUAL_ENV", environment)
	t.Setenv("PATH", programs)
	script := []byte("#!/bin/sh\necho " + packages + "\n")
	if err := os.WriteFile(filepath.Join(programs, "python3"), script, 0o755); err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(home, ".local", "lib")
	site := filepath.Join(environment, "lib", "python3.12", "site-packages")
	wantCPU := []string{
		place(t, named, "pjrt-plugin-cpu.so"),
		place(t, local, "go-xla", "pjrt_c_api_cpu_plugin.so"),
		place(t, local, "go-xla", "pjrt_c_api_cpu_v0.114.0_plugin.so"),
		place(t, local, "go-xla", "pjrt_c_api_cpu_v0.81.0_plugin.so"),
		place(t, site, "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so"),
		place(t, packages, "lammps_jax_pjrt_cpu", "pjrt_c_api_cpu_plugin.so"),
	}
	wantCUDA := []string{
		place(t, local, "go-xla", "nvidia", "pjrt_c_api_cuda_plugin.so"),
		place(t, local, "dismax", "cuda13", "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so"),
		place(t, packages, "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so"),
		place(t, packages, "jax_plugins", "xla_cuda12", "xla_cuda_plugin.so"),
	}
	place(t, local, "go-xla", "pjrt_c_api_cpu_v0.81.0_plugin.so.lock")
	place(t, local, "go-xla", "libcpu.so")
	for _, c := range []struct {
		name string
		want []string
	}{
		{"cpu", wantCPU}, {"cuda", wantCUDA}, {"cpu_v0.81.0", wantCPU[3:4]}, {"rocm", nil},
	} {
		var got []string
		for file := range plugin.Find(c.name) {
			got = append(got, file.Path)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("Find(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
