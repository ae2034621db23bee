package plugin

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
)

// EntryPoint is the function that every PJRT plugin exports.
const EntryPoint = "GetPjrtApi"

// machines are the architectures of this program for which there are plugins on Linux, by GOARCH.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// Inspect returns an error if the file cannot be a whole PJRT plugin for this machine; the error says in one line what
// the file is instead and what to do. It reads the file's headers and runs nothing. Except on Linux it finds out only
// whether the file can be read.
func Inspect(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s: check the path", path)
	case err != nil:
		return fmt.Errorf("the plugin cannot be reached: %w", err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name the plugin's file", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: name the plugin's file", path)
	case info.Size() == 0:
		return fmt.Errorf("%s is empty: fetch it again", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the plugin cannot be read: %w: check its permissions", err)
	}
	defer file.Close()
	if runtime.GOOS != "linux" {
		return nil
	}
	return inspectELF(path, file, info.Size())
}

func inspectELF(path string, file io.ReaderAt, size int64) error {
	magic := make([]byte, len(elf.ELFMAG))
	if _, err := file.ReadAt(magic, 0); err != nil || string(magic) != elf.ELFMAG {
		return fmt.Errorf("%s is not a shared library: fetch it again, or name the plugin's file", path)
	}
	library, err := elf.NewFile(file)
	if err != nil {
		return fmt.Errorf("%s is cut off or damaged (%w): fetch it again", path, err)
	}
	if want := machines[runtime.GOARCH]; library.Machine != want {
		return fmt.Errorf("%s is for %s processors, and this program runs on %s: get the plugin for this one",
			path, library.Machine, want)
	}
	if library.Type != elf.ET_DYN {
		return fmt.Errorf("%s is no shared library (ELF type %s): name the plugin's file", path, library.Type)
	}
	for _, segment := range library.Progs {
		if segment.Off+segment.Filesz > uint64(size) || segment.Off+segment.Filesz < segment.Off {
			return fmt.Errorf("%s is cut off after %d bytes: fetch it again", path, size)
		}
	}
	symbols, err := library.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("%s is damaged, or no shared library (%w): fetch it again", path, err)
	}
	isEntry := func(s elf.Symbol) bool { return s.Name == EntryPoint && s.Section != elf.SHN_UNDEF }
	if !slices.ContainsFunc(symbols, isEntry) {
		return fmt.Errorf("%s is a shared library but no PJRT plugin, for it has no function %s: name the plugin's file",
			path, EntryPoint)
	}
	return nil
}
