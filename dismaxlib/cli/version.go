package cli

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
)

// version names this program and what it was built of, in a line.
func version() string {
	v := experiment.Versions()
	simd := "without SIMD"
	if v.SIMD {
		simd = "with SIMD"
	}
	xla := "without XLA"
	if v.GoXLA != "" {
		xla = "go-xla " + v.GoXLA
	}
	return fmt.Sprintf("dismax %s (%s %s, GoMLX %s, compute %s, %s)", v.DisMax, v.Go, simd, v.GoMLX, v.Compute, xla)
}
