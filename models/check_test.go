package models_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestNetworksThatAreNoneOfTheirKindPanic(t *testing.T) {
	for says, call := range map[string]func(){
		"DenseNetBC: the depth is 41, want 6n+4":     func() { models.DenseNetBC(41, 12) },
		"DenseNetBC: the depth is 4,":                func() { models.DenseNetBC(4, 12) },
		"DenseNetBC: growth is 0":                    func() { models.DenseNetBC(40, 0) },
		"WideResNet: the depth is 29, want 6n+4":     func() { models.WideResNet(29, 1) },
		"WideResNet: the depth is -2,":               func() { models.WideResNet(-2, 1) },
		"WideResNet: widen is 0, want at least 1":    func() { models.WideResNet(28, 0) },
		"ResNet: width is 0, want at least 1":        func() { models.ResNet(0, 1) },
		"ResNet: there are no blocks":                func() { models.ResNet(16) },
		"ImageNetResNet: stage 2 has 0 blocks, want": func() { models.ImageNetResNet(16, 1, 0) },
	} {
		if got := testkit.PanicOf(call); !strings.Contains(got, "models."+says) {
			t.Errorf("got panic %q, want one that says %q", got, says)
		}
	}
}
