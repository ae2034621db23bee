// Dismax trains, calibrates and evaluates image classifiers with the DisMax loss and its relatives, and makes reports
// of what was measured.
//
//	dismax run --dataset cifar10 --data FOLDER --model resnet20 --loss dismax --epochs 15 --out DIR
//	dismax grid run table2-cifar10 --scale cpu --out DIR
//	dismax verify DIR
//	dismax rerun DIR --out OTHER
//	dismax report DIR...
//	dismax export DIR FILE.dismax
//	dismax detect IMAGE...
//	dismax detect FILE.dismax IMAGE...
//	dismax evaluate --logits FILE.npy --labels FILE.npy --out-logits FILE.npy --out DIR
//
// Every command explains itself with --help. The exit status is 0 on success, 2 for a wrong command line (an unknown
// flag or name, a missing path), 3 if "detect --fail-on-out" met an out-of-distribution image, 1 for anything else, and
// 128 and the number of the signal that ended it: 130 after Ctrl-C.
package main

import (
	"context"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}
