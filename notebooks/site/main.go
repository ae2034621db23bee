// Command site puts the pages of the notebooks and reports of the runs that the repository comes with into one folder,
// with an index: what `make site` makes. The notebooks' pages must be there already, in the folder notebooks. Start
// reading at site.go.
//
//	site FOLDER MEASURED
//
// FOLDER is the site's; MEASURED is reports/measured, with the runs of grids in runs and records of other runs in folders
// beside it.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: site FOLDER MEASURED")
		os.Exit(2)
	}
	index, err := makeSite(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
	fmt.Println(index)
}
