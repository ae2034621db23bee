package goconv_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

func TestMistakenOptionsAreNamed(t *testing.T) {
	for _, option := range []string{
		"columns=many", "columns=-1", "weights=all", "weights=-5", "winograd=perhaps", "parallelism=two",
	} {
		if backend, err := goconv.New("im2col," + option); err == nil {
			backend.Finalize()
			t.Errorf("%s: got no error", option)
		} else if !strings.Contains(err.Error(), option) {
			t.Errorf("%s: got the error %q, want one that names it", option, err)
		}
	}
}
