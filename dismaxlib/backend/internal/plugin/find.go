package plugin

import (
	"cmp"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// PathVariable is go-xla's environment variable for a list of folders with plugins.
const PathVariable = "PJRT_PLUGIN_LIBRARY_PATH"

// File is a file that is named like a plugin or lies where a Python package has one. [Inspect] says whether it is one.
type File struct {
	Path string
	Name string // "cpu", "cuda", or with a version, as in the file's name: "cpu_v0.81.0"
}

// Kind is the name without its version: "cpu", "cuda". It is a promise of the file's name; the platform is known when
// the plugin runs.
func (f File) Kind() string {
	kind, _, _ := strings.Cut(f.Name, "_v")
	return kind
}

// version is the number in the name, and greater than all others for a name without one: that file is the one that
// go-xla prefers.
func (f File) version() [3]int {
	_, text, found := strings.Cut(f.Name, "_v")
	if !found {
		return [3]int{1 << 30}
	}
	var v [3]int
	fmt.Sscanf(text, "%d.%d.%d", &v[0], &v[1], &v[2]) // what cannot be read counts as 0
	return v
}

// Find yields the files whose name or kind is the given one, the preferred first: those in the folders of
// PJRT_PLUGIN_LIBRARY_PATH, in go-xla's folders, in the folder of [CUDAFolder], in the packages of the active virtual
// environment and in those of python3. Within a folder a name without a version comes first, then the highest version.
// The caller stops when it has what it needs: python3 is asked last, because starting it takes time.
func Find(name string) iter.Seq[File] {
	return func(yield func(File) bool) {
		for _, source := range []func() []File{inFolders, inPackagesHere, inPackagesOfPython} {
			for _, file := range source() {
				if (file.Name == name || file.Kind() == name) && !yield(file) {
					return
				}
			}
		}
	}
}

// fileName matches the names that go-xla looks for.
var fileName = regexp.MustCompile(`^(?:pjrt_c_api_(.+)_plugin|pjrt[-_]plugin[-_](.+))\.(?:so|dylib|dll)$`)

func inFolders() []File {
	var files []File
	for _, folder := range folders() {
		entries, _ := os.ReadDir(folder) // a folder that is not there has no plugins
		var here []File
		for _, entry := range entries {
			if match := fileName.FindStringSubmatch(entry.Name()); match != nil {
				here = append(here, File{filepath.Join(folder, entry.Name()), cmp.Or(match[1], match[2])})
			}
		}
		slices.SortStableFunc(here, func(a, b File) int {
			va, vb := a.version(), b.version()
			return slices.Compare(vb[:], va[:])
		})
		files = append(files, here...)
	}
	return files
}

// folders are those of go-xla's search.
func folders() []string {
	folders := filepath.SplitList(os.Getenv(PathVariable))
	local := []string{"/usr/local/lib"}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, "Library", "Application Support", "go-xla")) // of macOS
		local = slices.Insert(local, 0, filepath.Join(home, ".local", "lib"))
	}
	for _, lib := range local {
		folders = append(folders, filepath.Join(lib, "go-xla"), filepath.Join(lib, "go-xla", "nvidia"),
			filepath.Join(lib, "gomlx", "pjrt"))
	}
	folders = append(folders, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	return slices.DeleteFunc(folders, func(folder string) bool { return !filepath.IsAbs(folder) })
}

// UserFolder is the user's folder among those that go-xla searches: ~/.local/lib/go-xla.
func UserFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for XLA's plugins: %w", err)
	}
	return filepath.Join(home, ".local", "lib", "go-xla"), nil
}
