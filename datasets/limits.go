package datasets

import (
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
)

// withRemedy adds to the error of a file that takes too much memory what the user can do.
func withRemedy(err error) error {
	if _, tooLarge := errors.AsType[*bounded.TooLarge](err); tooLarge {
		return fmt.Errorf("%w: if it is meant to be so large, raise Options.MemoryLimit (--memory-limit)", err)
	}
	return err
}
