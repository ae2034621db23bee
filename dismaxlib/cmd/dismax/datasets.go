package main

import (
	"fmt"
	"io"

	"github.com/dismax-go/dismax/datasets"
)

// datasetsCommand is "dismax datasets".
type datasetsCommand struct {
	Data string `placeholder:"PATH" help:"Folder or file that holds the images. Default: $$DISMAX_DATA, then the cache."`
}

// Run lists the sets.
func (c *datasetsCommand) Run(t terminal) error {
	if err := checkPath("--data", c.Data); err != nil {
		return err
	}
	return table(t.out, func(w io.Writer) error {
		fmt.Fprintln(w, "DATA SET\tHERE\tWHAT IT IS\tLICENCE\tSOURCE\tWHERE")
		for _, set := range datasets.List(datasets.Options{Data: c.Data}) {
			here := "no"
			if set.Present {
				here = "yes"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", set.Name, here, set.Size, set.Licence, set.Source, set.Where)
		}
		return nil
	})
}
