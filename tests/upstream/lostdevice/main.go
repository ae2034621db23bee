// Command lostdevice shows that GoMLX's Exec.CallOnDevice computes on device 0, whatever device it is given. It needs
// XLA's plugin for CPUs, which has four devices.
package main

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

func main() {
	xla, _, err := backend.Open("xla:cpu")
	check(err)
	exec, err := graph.NewExec(xla, func(x *graph.Node) *graph.Node { return graph.AddScalar(x, 1) })
	check(err)
	const device compute.DeviceNum = 1
	results, err := exec.CallOnDevice(device, float32(1))
	report("CallOnDevice", device, results, err)
	results, _, err = exec.CallWithGraphOnDevice(device, float32(1))
	report("CallWithGraphOnDevice", device, results, err)
}

func report(method string, asked compute.DeviceNum, results []*tensors.Tensor, err error) {
	check(err)
	used, err := results[0].Device()
	check(err)
	fmt.Printf("%s, asked for device %d, computed on device %d\n", method, asked, used)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
