package goconv

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// options are what this backend takes from a configuration.
type options struct {
	workers  int  // goroutines that a direct kernel may use: "parallelism=N", as in the inner backend
	im2col   bool // "im2col": no direct kernels, convolutions are lowered to matrix products
	columns  int  // "columns=MB": bytes of im2col columns that one computation keeps for its kernel gradients
	weights  int  // "weights=MB": bytes of transformed weights that one computation keeps from call to call
	winograd bool // "winograd=0": none of Winograd's convolutions where direct kernels would do
}

// The budgets if the configuration names none.
const (
	defaultColumns = 1 << 30
	defaultWeights = 512 << 20
)

// parseOptions reads a comma-separated configuration and returns what of it belongs to the inner backend.
func parseOptions(config string) (parsed options, inner string, err error) {
	parsed = options{workers: runtime.GOMAXPROCS(0), columns: defaultColumns, weights: defaultWeights, winograd: true}
	all := strings.Split(config, ",")
	for _, option := range all {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "im2col":
			parsed.im2col = true
		case "columns":
			if parsed.columns, err = megabytes(option, value); err != nil {
				return parsed, "", err
			}
		case "weights":
			if parsed.weights, err = megabytes(option, value); err != nil {
				return parsed, "", err
			}
		case "winograd":
			use, err := strconv.ParseBool(value)
			if err != nil {
				return parsed, "", errors.Errorf("backend %q: option %s: want winograd=0 or winograd=1", Name, option)
			}
			parsed.winograd = use
		case "parallelism":
			n, err := strconv.Atoi(value)
			if err != nil {
				return parsed, "", errors.Errorf("backend %q: option %s: want a number", Name, option)
			}
			if n >= 0 { // less than 0 is no limit
				parsed.workers = min(parsed.workers, max(1, n))
			}
		}
	}
	rest := slices.DeleteFunc(all, func(option string) bool {
		name, _, _ := strings.Cut(option, "=")
		return slices.Contains([]string{"im2col", "columns", "weights", "winograd"}, name)
	})
	return parsed, strings.Join(rest, ","), nil
}

// megabytes reads a budget and returns it in bytes.
func megabytes(option, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, errors.Errorf("backend %q: option %s: want a number of megabytes", Name, option)
	}
	return n << 20, nil
}
