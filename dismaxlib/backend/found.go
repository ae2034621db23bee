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
	Usable bool   // whether it can be opened now, without fetching anything
	Detail string // why, or why not
	Chosen bool   // whether Open("") takes it when GOMLX_BACKEND is not set
}

// Found lists the backends, the best first. It fetches nothing and opens nothing.
func Found() []Finding {
	findings := append(foundXLA(), Finding{
		Config: goconv.Name,
		Title:  "pure Go on the processor",
		Usable: true,
		Detail: "needs no plugin and no network",
	})
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
		name := finding.Config
		if !finding.Usable {
			name += fmt.Sprintf(" (not now: %s)", finding.Detail)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
