package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// gridCollectCommand is "dismax grid collect".
type gridCollectCommand struct {
	namedGrid
	From   string `required:"" placeholder:"DIR" help:"Folder of the runs' folders, as given to dismax grid run --out."`
	Out    string `required:"" placeholder:"DIR" help:"Folder to copy to: each run gets a folder of the same name."`
	Logits bool   `default:"true" negatable:"" help:"Copy the logits of every set too."`
}

// Run copies the finished runs.
func (c *gridCollectCommand) Run(ctx context.Context, t terminal) error {
	if err := checkPath("--from", c.From); err != nil {
		return err
	}
	runs, err := c.runs()
	if err != nil {
		return err
	}
	collected := 0
	for _, run := range runs {
		from := filepath.Join(c.From, run.Name)
		if _, err := os.Stat(filepath.Join(from, record.FileName)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		options := experiment.CollectOptions{WithoutLogits: !c.Logits}
		_, err := promptly(ctx, func() (struct{}, error) {
			return struct{}{}, experiment.Collect(from, filepath.Join(c.Out, run.Name), options)
		})
		if err != nil {
			return err
		}
		collected++
	}
	if collected == 0 {
		return usageError{fmt.Errorf("%s: no run of the grid is finished", c.From)}
	}
	size, err := folderSize(c.Out)
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%d of %d runs in %s, which holds %.1f MB\n", collected, len(runs), c.Out, float64(size)/1e6)
	return nil
}

// folderSize adds up the bytes of the files below the folder.
func folderSize(folder string) (int64, error) {
	var size int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
