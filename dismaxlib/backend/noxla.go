//go:build !(((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo)

package backend

// This build has no XLA.

func isXLA(string) bool            { return false }
func isOnProcessor(string) bool    { return true }
func avoidNeedlessDownload(string) {}
func fetchPlugin()                 {}

func foundXLA() []Finding {
	return []Finding{{
		Config: "xla",
		Title:  "XLA",
		Detail: "not in this build: it needs cgo, no build tag noxla, and Linux, macOS (arm64) or Windows (amd64)",
	}}
}
