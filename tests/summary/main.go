// Command summary reads the events of `go test -json` from standard input and prints what a person wants of them: one
// line per package, the output of tests that failed, each skipped test with its reason, what tests log after "figure: ",
// and the counts in the end:
//
//	go test -json ./... | go run ./tests/summary
//
// The exit status is 1 if anything failed, or if nothing ran. With --forbid TEXT (which continuous integration uses)
// a skipped test whose reason contains TEXT counts as failed: it lacked something that was meant to be there.
// A line "stage: NAME" among the events begins another stage; each has counts of its own before those of all.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var forbid []string
	flag.Func("forbid", "count a skipped test as failed if its reason contains this text; repeatable", func(text string) error {
		forbid = append(forbid, text)
		return nil
	})
	flag.Parse()
	summary := newSummary(os.Stdout, forbid...)
	if err := summary.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
	if !summary.close() {
		os.Exit(1)
	}
}
