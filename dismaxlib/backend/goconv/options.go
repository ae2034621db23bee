package goconv

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// options are the ones of this backend; the rest of a configuration belongs to the inner backend.
type options struct {
	// columnBytes is how much memory the im2col matrices of one computation may hold from the forward pass to the
	// gradient of the kernel. Convolutions past it compute theirs a second time.
	columnBytes int64
}

const defaultColumnMegabytes = 1024

// splitOptions takes "columns=MEGABYTES" out of a comma-separated configuration and returns the rest.
func splitOptions(config string) (own options, rest string, err error) {
	own = options{columnBytes: defaultColumnMegabytes << 20}
	var others []string
	for option := range strings.SplitSeq(config, ",") {
		value, found := strings.CutPrefix(option, "columns=")
		if !found {
			others = append(others, option)
			continue
		}
		megabytes, err := strconv.Atoi(value)
		if err != nil || megabytes < 0 {
			return own, "", errors.Errorf("backend %q: option columns=%s: want a number of megabytes, 0 or more", Name, value)
		}
		own.columnBytes = int64(megabytes) << 20
	}
	return own, strings.Join(others, ","), nil
}
