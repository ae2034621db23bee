package backend

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/cpu"
)

// simdExists reports whether GoMLX's Go backend has vector code for this architecture at all.
const simdExists = runtime.GOARCH == "amd64"

// Processor names the processor and how many of its cores this program may use.
func Processor() string {
	cores := runtime.GOMAXPROCS(0)
	model := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			key, value, _ := strings.Cut(line, ":")
			if strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	if cores == 1 {
		return model + ", 1 core"
	}
	return fmt.Sprintf("%s, %d cores", model, cores)
}

// Instructions names the instruction set of goconv's convolutions on this processor: "AVX-512", "AVX2", or else what
// Go compiles for: "SSE2" on amd64, the architecture's name on others.
func Instructions() string {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX2:
		return "AVX-512"
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return "AVX2"
	case runtime.GOARCH == "amd64":
		return "SSE2"
	}
	return runtime.GOARCH
}
