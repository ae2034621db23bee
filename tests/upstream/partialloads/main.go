//go:build goexperiment.simd && amd64 && linux

// Command partialloads shows that Go's partial loads of vectors read past the end of a slice: it dies of a SIGSEGV.
package main

import (
	"fmt"
	"os"
	"simd/archsimd"
	"syscall"
	"unsafe"
)

func main() {
	page := syscall.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err == nil {
		err = syscall.Mprotect(memory[page:], syscall.PROT_NONE)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	three := unsafe.Slice((*float32)(unsafe.Pointer(&memory[page-12])), 3)
	vector, _ := archsimd.LoadFloat32x8Part(three) // 8 elements are read where 3 are asked for
	var loaded [8]float32
	vector.StoreArray(&loaded)
	fmt.Println("mended: the load reads no more than the slice:", loaded)
}
