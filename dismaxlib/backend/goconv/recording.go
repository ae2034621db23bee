package goconv

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/internal/cores"
)

// runKernel runs a kernel on the backend's cores. While package cores records, that says for how many cores the work is
// split, and runs the tasks.
func (b *backend) runKernel(k *kernelCall, outputs, inputs [][]float32) {
	recording := cores.Current()
	if recording == nil {
		k.kernel(outputs, inputs, b.options.workers, b.run)
		return
	}
	name := func() string { return fmt.Sprint(callingKernel(), k.shapes[0].Dimensions) }
	recording.Kernel(func() {
		k.kernel(outputs, inputs, recording.Cores(), func(tasks int, task func(int)) { recording.Run(name, tasks, task) })
	})
}

// runSegment executes a segment. A recording notes its time as that of others.
func runSegment(
	s *segment, inputs []compute.Buffer, donate []bool, device compute.DeviceNum,
) (outputs []compute.Buffer, err error) {
	recording := cores.Current()
	if recording == nil {
		return s.executable.Execute(inputs, donate, device)
	}
	err = recording.Delegate(func() error {
		outputs, err = s.executable.Execute(inputs, donate, device)
		return err
	})
	return outputs, err
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
