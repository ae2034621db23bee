package plugin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

const dataFlag = "--xla_gpu_cuda_data_dir="

// FlagsForCUDA returns XLA's flags, the value of [FlagsVariable], with the folder in which the CUDA plugin finds
// NVIDIA's device library and assembler, if that is not set and the folder is one of the packages beside the plugin.
func FlagsForCUDA(flags, pluginPath string) string {
	isFile := flags != "" && !strings.HasPrefix(strings.TrimSpace(flags), "-")
	if isFile || strings.Contains(flags, dataFlag) {
		return flags
	}
	packages := filepath.Join(filepath.Dir(pluginPath), "..")
	for _, pattern := range []string{"../nvidia/cu1[0-9]", "../nvidia/cuda_nvcc", "nvidia/cu1[0-9]", "nvidia/cuda_nvcc"} {
		folders, _ := filepath.Glob(filepath.Join(packages, filepath.FromSlash(pattern)))
		for _, folder := range folders {
			if _, err := os.Stat(filepath.Join(folder, "nvvm", "libdevice")); err == nil {
				return strings.TrimSpace(flags + " " + dataFlag + `"` + folder + `"`)
			}
		}
	}
	return flags
}

// HasGPU reports whether there is an NVIDIA GPU: its device file, or else one in the list of nvidia-smi.
var HasGPU = sync.OnceValue(func() bool {
	if devices, _ := filepath.Glob("/dev/nvidia[0-9]*"); len(devices) > 0 {
		return true
	}
	list, err := exec.Command("nvidia-smi", "--list-gpus").Output()
	return err == nil && strings.HasPrefix(string(list), "GPU ")
})
