package experiment

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

const modulePath = "github.com/dismax-go/dismax"

// Versions returns the versions of what this program was built of.
func Versions() record.Versions {
	v := record.Versions{Go: runtime.Version(), SIMD: backend.SIMD(), DisMax: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, module := range append(info.Deps, &info.Main) {
		switch module.Path {
		case modulePath:
			v.DisMax = module.Version
		case "github.com/gomlx/gomlx":
			v.GoMLX = module.Version
		case "github.com/gomlx/compute":
			v.Compute = module.Version
		case "github.com/gomlx/go-xla":
			v.GoXLA = module.Version
		}
	}
	if info.Main.Path == modulePath {
		v.DisMax = revision(info, v.DisMax)
	}
	return v
}

// revision names the commit of a program built inside the repository.
func revision(info *debug.BuildInfo, version string) string {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" || strings.Contains(version, commit[:min(12, len(commit))]) {
		return version
	}
	if settings["vcs.modified"] == "true" {
		commit += "+dirty"
	}
	return commit
}
