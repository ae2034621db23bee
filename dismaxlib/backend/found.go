package backend

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// Finding is one backend that [Open] can be asked for.
type Finding struct {
	Config string // what to give to Open or GOMLX_BACKEND
	Title  string // what it is
	Usable bool   // whether everything that it needs is here and looks whole
	Detail string // why, or why not and what to do
	Chosen bool   // whether Open("") takes it when GOMLX_BACKEND is not set
}

// Found lists the backends in the order of preference. It opens nothing and uses no network.
func Found() []Finding {
	findings := []Finding{
		foundXLA("cuda", "XLA on an NVIDIA GPU"),
		{
			Config: goconv.Name,
			Title:  "pure Go on the CPU",
			Usable: true,
			Detail: "needs no plugin, and trains faster than XLA on the x86-64 CPUs where both were measured",
		},
		foundXLA("cpu", "XLA on the CPU, by name only"),
	}
	for i, finding := range findings {
		if finding.Usable {
			findings[i].Chosen = true
			break
		}
	}
	return findings
}

// alternatives names what can be asked for, for error messages.
func alternatives() string {
	var names []string
	for _, finding := range Found() {
		if finding.Usable {
			names = append(names, finding.Config)
		}
	}
	return strings.Join(names, ", ")
}

// howToInstall is the end of a message about a plugin that is not here.
func howToInstall(kind string) string {
	if kind == "cpu" || kind == "cuda" {
		return fmt.Sprintf("dismax backends --install %s fetches one, GOMLX_BACKEND=xla:/path/plugin.so names one", kind)
	}
	return "the names are cpu, cuda, or the path of a plugin's file"
}
