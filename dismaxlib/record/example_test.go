package record_test

import (
	"fmt"
	"log"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// A record is sealed as it is written: one that was changed since is refused.
func Example() {
	folder, err := os.MkdirTemp("", "record")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	r := &record.Record{Spec: record.Spec{Dataset: "flowers", Epochs: 3}, Test: record.Test{Accuracy: 0.9}}
	if err := record.Write(folder, r); err != nil {
		log.Fatal(err)
	}
	again, err := record.Read(folder)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Spec.Dataset, again.Test.Accuracy)
	// Output: flowers 0.9
}
