// Package models holds the paper's backbones, each a function from an image node to a feature node.
//
// DenseNet-BC-100, ResNet-34 and WideResNet-28-10 for 32x32 images and ResNet-18 for ImageNet, with small relatives for
// a CPU made by the same constructors. Only GoMLX's layers and graph ops are used, so every backend sees plain
// convolutions and batch normalizations. Heads and losses are in package dismaxlib.
//
// Start with [ByName], or with [ResNet] to build one of other widths and depths. [Summarize] lists the layers, parameters
// and multiply-adds of any of them, and [MixedPrecision] makes one compute in bfloat16. Package statedict brings weights
// from PyTorch and back.
package models
