package goconv_test

import (
	"testing"

	"github.com/gomlx/compute/support/backendtest"
)

func TestComputeComplianceSuitePasses(t *testing.T) {
	backendtest.RunAll(t, open(t, ""), nil)
}
