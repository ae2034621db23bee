package backend

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// simdExists tells whether GoMLX's Go backend has vector code for this architecture at all.
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
