//go:build !linux

package cores

import "time"

var began = time.Now()

// now is the time of the wall's clock, in which whatever else runs here counts.
func now() time.Duration { return time.Since(began) }
