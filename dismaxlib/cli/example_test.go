package cli_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/cli"
)

func Example() {
	status := cli.Main(context.Background(), []string{"models", "resnet8"}, io.Discard, os.Stderr)
	fmt.Println("exit status", status)
	// Output: exit status 0
}
