package dismaxlib

import "github.com/dismax-go/dismax/internal/registry"

// ErrUnknown is wrapped by the errors of [LossByName] and [ScoreByName], and of the other packages' look-ups by name,
// for a name that is not registered.
var ErrUnknown = registry.ErrUnknown
