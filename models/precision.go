package models

import (
	"strings"

	"github.com/dismax-go/dismax/internal/registry"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// MixedPrecision returns the backbone with its convolutions and activations in the given dtype, for accelerators that
// compute faster in [dtypes.BFloat16]. Variables, their gradients, batch-norm statistics and features stay in float32,
// so that an optimizer sees small updates, and checkpoints fit both.
//
// It works for the backbones of this package. One that makes its variables in the dtype of the images would make them
// in the given dtype.
func MixedPrecision(backbone Backbone, dtype dtypes.DType) Backbone {
	return func(scope *model.Scope, images *Node) *Node {
		return ConvertDType(backbone(scope, ConvertDType(images, dtype)), images.DType())
	}
}

var dtypeNames = registry.New[dtypes.DType]("dtype")

// DTypeByName finds what a backbone may compute in: "float32", or "bfloat16" in [MixedPrecision]. An empty name is the
// default, float32. The error of an unknown name lists the known ones.
func DTypeByName(name string) (dtypes.DType, error) {
	if name == "" {
		return dtypes.Float32, nil
	}
	return dtypeNames.ByName(name)
}

// DTypeNames lists what a backbone may compute in. The first is the default.
func DTypeNames() []string { return dtypeNames.Names() }

func init() {
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16} {
		dtypeNames.Register(strings.ToLower(dtype.String()), dtype)
	}
}
