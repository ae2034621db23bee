package training

import (
	"maps"
	"strconv"
)

// identity is what must be equal for a run to go on from a checkpoint: of other epochs, no batch would be the same.
func (c *Config) identity() map[string]string {
	all := map[string]string{"steps per epoch": strconv.Itoa(c.Data.StepsPerEpoch())}
	maps.Copy(all, c.Identity)
	return all
}
