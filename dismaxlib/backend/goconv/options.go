package goconv

import (
	"runtime"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// options are what this backend takes from a configuration, all of which goes to the inner backend as well.
type options struct {
	workers int // goroutines that a kernel may use
}

func parseOptions(config string) (options, error) {
	parsed := options{workers: runtime.GOMAXPROCS(0)}
	for option := range strings.SplitSeq(config, ",") {
		value, found := strings.CutPrefix(option, "parallelism=")
		if !found {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return parsed, errors.Errorf("backend %q: option parallelism=%s: want a number", Name, value)
		}
		if n >= 0 { // negative means no limit
			parsed.workers = min(parsed.workers, max(1, n))
		}
	}
	return parsed, nil
}
