// Package backend chooses what computes: a GPU or the processor through XLA, or GoMLX's pure-Go backend, made fit for
// convolutional networks by package goconv below it.
//
// [Open] is what programs call: it takes a configuration as GoMLX users know it ("xla:cuda", "xla:cpu",
// "xla:/path/plugin.so", "go", "goconv"), else reads GOMLX_BACKEND, else chooses. [Found] says what there is to choose
// from and why. Neither uses the network: package install below fetches XLA's plugins when it is told to. Nothing here
// knows about models. Start in choose.go.
//
// Built with the tag noxla, or without cgo, the package has the Go backends only.
package backend
