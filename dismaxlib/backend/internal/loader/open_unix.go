//go:build ((linux && (amd64 || arm64)) || (darwin && arm64)) && !noxla && cgo

package loader

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// get_api returns the plugin's table of functions, or NULL and in problem what the dynamic linker says.
static const void *get_api(const char *path, const char **problem) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	const void *(*get)(void) = library ? (const void *(*)(void))dlsym(library, "GetPjrtApi") : NULL;
	*problem = get ? NULL : dlerror();
	return get ? get() : NULL;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// nameRoot makes a name absolute: go-xla searches its folders for every other name, and loads what it finds there.
const nameRoot = "/"

// open loads the library and returns its table of functions.
func open(path string) (unsafe.Pointer, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var problem *C.char
	table := C.get_api(name, &problem)
	if problem != nil {
		return nil, linkError(path, C.GoString(problem))
	}
	return table, nil
}

// linkError says what to do about the message of the dynamic linker.
func linkError(path, message string) error {
	message = firstLine(message)
	if library, _, missing := strings.Cut(message, ": cannot open shared object file"); missing && library != path {
		return fmt.Errorf("%s needs the library %s, which is not on this machine: install it", path, library)
	}
	if !strings.Contains(message, path) {
		message = path + ": " + message
	}
	return errors.New("the plugin cannot be loaded: " + message)
}
