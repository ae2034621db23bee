package bench

import (
	"os"
	"strconv"
	"strings"
)

// peakBytes returns the most memory that this process ever held, VmHWM of Linux: the operating system's other measure,
// the resource usage, would count what the parent held when it started this process. 0: unknown.
func peakBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		kibibytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0
		}
		return kibibytes << 10
	}
	return 0
}

// Load returns the mean number of processes that ran on this machine over the last minute, or -1 if it is unknown.
func Load() float64 {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(content), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return load
}
