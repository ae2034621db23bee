// Extend is the command dismax with a score, a loss, a model and a data set of its own, each in one file. They have
// their place in every command, as if they had come with it:
//
//	go run ./dismaxlib/examples/extend run --dataset stripes --model two-layers --loss dismax-smooth --epochs 2 --out DIR
//	go run ./dismaxlib/examples/extend report DIR
//	go run ./dismaxlib/examples/extend export DIR stripes.dismax --score Spread
package main

import (
	"context"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/cli"
)

func main() { os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
