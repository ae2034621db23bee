//go:build windows && amd64 && !noxla

package loader

import (
	"fmt"
	"syscall"
	"unsafe"
)

// nameRoot makes a name absolute: go-xla searches its folders for every other name, and loads what it finds there.
const nameRoot = `C:\`

// open loads the library and returns its table of functions.
func open(path string) (unsafe.Pointer, error) {
	library, err := syscall.LoadDLL(path)
	if err != nil {
		return nil, fmt.Errorf("the plugin cannot be loaded: %w", err)
	}
	entry, err := library.FindProc("GetPjrtApi")
	if err != nil {
		return nil, fmt.Errorf("the plugin cannot be loaded: %w", err)
	}
	table, _, _ := entry.Call()
	return *(*unsafe.Pointer)(unsafe.Pointer(&table)), nil
}
