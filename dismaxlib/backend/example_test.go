package backend_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/backend"
)

// An empty configuration chooses; this one names GoMLX's pure-Go backend with fast convolutions, which is always there.
func Example() {
	device, choice, err := backend.Open("goconv")
	if err != nil {
		log.Fatal(err)
	}
	defer device.Finalize()
	fmt.Println(choice.Config)
	// Output: goconv
}
