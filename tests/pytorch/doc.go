// Package pytorch holds a network that PyTorch trained, and the tests that it is the same network in Go.
//
// train_resnet8.py trained it with the DisMax loss on 4000 images of the data set "synthetic" and wrote it as
// resnet8-dismax.safetensors, beside its test accuracy and some of its logits in resnet8-dismax.json. The images were
// exported in the order of the data set as split/class/00000.png, the classes given to --classes in the order of the
// data set. Package models/statedict reads the file.
package pytorch
