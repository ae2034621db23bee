package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/internal/registry"
	"github.com/schollz/progressbar/v3"
)

// datasetsCommand is "dismax datasets", which lists them, and its verbs.
type datasetsCommand struct {
	List  listDatasetsCommand  `cmd:"" default:"withargs" help:"Show the data sets that can be named, and where they are."`
	Fetch fetchDatasetsCommand `cmd:"" help:"Download the published files of data sets into the cache, if they are not here."`
}

// listDatasetsCommand is "dismax datasets list".
type listDatasetsCommand struct {
	Data string `placeholder:"PATH" help:"Folder or file that holds the images. Default: $$DISMAX_DATA, then the cache."`
}

// Run lists the sets.
func (c *listDatasetsCommand) Run(t terminal) error {
	if err := checkPath("--data", c.Data); err != nil {
		return err
	}
	return table(t.out, func(w io.Writer) error {
		fmt.Fprintln(w, "DATA SET\tHERE\tWHAT IT IS")
		for _, set := range datasets.List(datasets.Options{Data: c.Data}) {
			here := "no"
			if set.Present {
				here = "yes"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n\t\t%s\n", set.Name, here, set.Size, set.Licence)
			for _, place := range []string{set.Source, set.Where} {
				if place != "" {
					fmt.Fprintf(w, "\t\t%s\n", place)
				}
			}
		}
		return nil
	})
}

// fetchDatasetsCommand is "dismax datasets fetch".
type fetchDatasetsCommand struct {
	Names []string `arg:"" name:"name" help:"Data sets, by their names in dismax datasets."`
	Quiet bool     `short:"q" help:"Print nothing but errors."`
}

// Run fetches the sets, one after the other.
func (c *fetchDatasetsCommand) Run(ctx context.Context, t terminal) error {
	options := datasets.Options{}
	if !c.Quiet {
		options.Progress = downloadProgress(t)
	}
	for _, name := range c.Names {
		path, err := datasets.Fetch(ctx, name, options)
		if errors.Is(err, datasets.ErrNotFound) || errors.Is(err, registry.ErrUnknown) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		switch {
		case c.Quiet:
		case path == "":
			fmt.Fprintf(t.out, "%s is made and needs no files\n", name)
		default:
			fmt.Fprintf(t.out, "%s is in %s\n", name, path)
		}
	}
	return nil
}

// downloadProgress shows how far the download of each file is: a bar on a terminal, a line at its start elsewhere.
func downloadProgress(t terminal) func(datasets.Progress) {
	var bar *progressbar.ProgressBar
	file := ""
	bars := t.isTerminal()
	return func(p datasets.Progress) {
		if p.File != file {
			file = p.File
			bar = progressbar.NewOptions64(p.Total, progressbar.OptionSetWriter(t.err),
				progressbar.OptionSetDescription(file), progressbar.OptionSetVisibility(bars),
				progressbar.OptionShowBytes(true), progressbar.OptionShowCount(), progressbar.OptionSetWidth(24),
				progressbar.OptionThrottle(200*time.Millisecond),
				progressbar.OptionOnCompletion(func() { fmt.Fprintln(t.err) }))
			switch {
			case bars:
			case p.Total < 0:
				fmt.Fprintf(t.err, "downloading %s\n", file)
			default:
				fmt.Fprintf(t.err, "downloading %s (%.0f MB)\n", file, float64(p.Total)/1e6)
			}
		}
		_ = bar.Set64(p.Done)
	}
}
