package install_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/backend/install"
)

// It has no expected output, and so is compiled and not run: it fetches 63 MB.
func Example() {
	path, err := install.Plugin(context.Background(), "cpu", install.Options{
		Say: func(line string) { fmt.Println(line) },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("GOMLX_BACKEND=xla:cpu uses", path)
}
