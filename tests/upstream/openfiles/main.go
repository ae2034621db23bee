//go:build linux

// Command openfiles shows that GoMLX's checkpoints leave the file of the variables open: gzip.Writer.Close does not close
// what it writes to.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
)

func main() {
	debug.SetGCPercent(-1) // the collector closes files that nobody holds
	folder, err := os.MkdirTemp("", "checkpoint")
	check(err)
	defer os.RemoveAll(folder)
	store := model.NewStore()
	_, err = store.CreateVariable("/w", tensors.FromValue([]float32{1}))
	check(err)
	handler, err := checkpoint.Build(store).Dir(folder).Keep(1).Done()
	check(err)
	for range 10 {
		check(handler.Save())
	}
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	check(err)
	open := 0
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil && strings.HasPrefix(target, folder) {
			open++
		}
	}
	fmt.Println("after 10 checkpoints, files left open:", open)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
