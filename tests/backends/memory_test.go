package backends

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// XLA fills in a report of a program's memory, for one device, when its flags say so as it is loaded: hence a process
// of its own for each number of devices.
func TestTheMemoryOfADeviceFallsWithTheirNumber(t *testing.T) {
	both(t)
	one, four := memoryOfStep(t, 1), memoryOfStep(t, 4)
	t.Logf("a training step takes %d bytes on one device, and %d on each of four", one, four)
	if four > one/2 {
		t.Errorf("a training step takes %d bytes on each of four devices, and %d on one; want half of that at most", four, one)
	}
}

const devicesVariable = "DISMAX_TEST_DEVICES"

var bytesUsed = regexp.MustCompile(`Total bytes used: (\d+)`)

// memoryOfStep returns the bytes that a training step takes on each device.
func memoryOfStep(t *testing.T, devices int) int {
	t.Helper()
	folder := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestChildTrainsAStep$")
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", devicesVariable, devices),
		fmt.Sprintf("%s=%s --xla_dump_to=%s --xla_dump_hlo_as_text", flagsVariable, os.Getenv(flagsVariable), folder))
	if output, err := child.CombinedOutput(); err != nil {
		t.Fatalf("a step on %d devices: %v\n%s", devices, err, output)
	}
	reports, err := filepath.Glob(filepath.Join(folder, "*Trainer*memory-usage-report.txt"))
	if err != nil || len(reports) != 1 {
		t.Fatalf("XLA wrote the memory reports %v (%v); want that of the training step", reports, err)
	}
	content, err := os.ReadFile(reports[0])
	if err != nil {
		t.Fatal(err)
	}
	match := bytesUsed.FindSubmatch(content)
	if match == nil {
		t.Fatalf("%s does not tell the bytes used", reports[0])
	}
	used, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return used
}

func TestChildTrainsAStep(t *testing.T) {
	devices, err := strconv.Atoi(os.Getenv(devicesVariable))
	if err != nil {
		t.Skip("skipped: it is run by TestTheMemoryOfADeviceFallsWithTheirNumber")
	}
	xla, _ := both(t)
	c := config(t, xla.compute, "dismax-fpr")
	c.Devices = devices
	losses(t, c, 1)
}
