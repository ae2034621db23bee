package goconv

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/internal/cores"
)

// workersFor returns for how many cores a kernel splits its work, and what runs the tasks: the backend's own, or while
// package cores records, what that wants.
func (b *backend) workersFor(k *kernelCall) (workers int, run direct.Runner) {
	recording := cores.Current()
	if recording == nil {
		return b.options.workers, b.run
	}
	return recording.Cores(), func(tasks int, task func(int)) {
		recording.Run(fmt.Sprint(callingKernel(), k.shapes[0].Dimensions), tasks, task)
	}
}

// kernelPackages is what the names of functions of kernels begin with.
const kernelPackages = "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/"

// callingKernel names the outermost function of the kernels' packages that is being called, such as
// "winograd.(*Forward).Run".
func callingKernel() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for name := ""; ; {
		frame, more := frames.Next()
		if kernel, found := strings.CutPrefix(frame.Function, kernelPackages); found {
			name = kernel
		}
		if !more || frame.Function == "" {
			return name
		}
	}
}
