//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package backend

import "testing"

func TestWhatAGPUMayRoundToTF32(t *testing.T) {
	for _, test := range []struct {
		inProducts bool
		override   string
		want       string
	}{
		{true, "", "products and convolutions"},
		{true, "1", "products and convolutions"},
		{false, "", "convolutions"},
		{true, "0", "products"},
		{false, "0", "off"},
	} {
		if got := usesTF32(test.inProducts, test.override); got != test.want {
			t.Errorf("in products %t, %s=%s: got %q, want %q", test.inProducts, tf32Variable, test.override, got, test.want)
		}
	}
}
