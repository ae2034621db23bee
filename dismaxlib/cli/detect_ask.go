package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/internal/text"
)

// askedAtOnce is how many images are in memory together.
const askedAtOnce = 64

// asking passes images through a detector, some at a time.
type asking struct {
	detector *detect.Detector
	out      answerPrinter
	problems io.Writer // takes a line for each file that cannot be read

	memoryLimit int64 // of an image that is decoded, in bytes; 0 is the standard one

	answered, refused, unread int
}

// check refuses detectors that take no image files.
func (a *asking) check() error {
	network := a.detector.Network()
	if network == nil {
		return errors.New("this detector takes logits of a model and no images: it is asked from Go, with DetectOutputs")
	}
	if network.Channels() != 3 {
		return fmt.Errorf("this detector takes images of %d channel, and files are read in 3: it is asked from Go", network.Channels())
	}
	return nil
}

// askAll answers for all paths; where one is standardInput, for the names that in holds.
func (a *asking) askAll(ctx context.Context, paths []string, in io.Reader) error {
	some := make([]string, 0, askedAtOnce)
	add := func(path string) error {
		if some = append(some, path); len(some) < askedAtOnce {
			return nil
		}
		err := a.ask(ctx, some)
		some = some[:0]
		return err
	}
	for _, path := range paths {
		if path != standardInput {
			if err := add(path); err != nil {
				return err
			}
			continue
		}
		lines := bufio.NewScanner(in)
		for lines.Scan() {
			if lines.Text() == "" {
				continue
			}
			if err := add(lines.Text()); err != nil {
				return err
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("reading names from standard input: %w", err)
		}
	}
	if err := a.ask(ctx, some); err != nil {
		return err
	}
	return a.out.finish()
}

// ask answers for some images. A file that cannot be read gets a line among the problems.
func (a *asking) ask(ctx context.Context, paths []string) error {
	type batch struct {
		paths    []string
		problems []error
		answers  []detect.Answer
	}
	paths = slices.Clone(paths) // the work may outlive the call
	b, err := promptly(ctx, func() (b batch, err error) {
		network := a.detector.Network()
		var pixels []uint8
		for _, path := range paths {
			image, err := datasets.ReadImageWithin(a.memoryLimit, path, network.Height, network.Width)
			if err != nil {
				b.problems = append(b.problems, err)
				continue
			}
			b.paths, pixels = append(b.paths, path), append(pixels, image...)
		}
		if len(pixels) > 0 {
			b.answers, err = a.detector.Detect(ctx, pixels)
		}
		return b, err
	})
	if err != nil {
		return err
	}
	for _, problem := range b.problems {
		fmt.Fprintln(a.problems, "dismax:", text.Printable(problem.Error()))
	}
	a.unread += len(b.problems)
	a.answered += len(b.answers)
	for i, answer := range b.answers {
		if !answer.In {
			a.refused++
		}
		if err := a.out.print(b.paths[i], answer); err != nil {
			return err
		}
	}
	return nil
}

// namedImages lists the files that are named, and those of the folders that are named, in order.
func namedImages(names []string) (paths []string, err error) {
	for _, name := range names {
		if name == standardInput {
			paths = append(paths, name)
			continue
		}
		if err := checkPath("image", name); err != nil {
			return nil, err
		}
		found := len(paths)
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path == name && !entry.IsDir() || isImage(path) && entry.Type().IsRegular() {
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing images: %w", err)
		}
		if len(paths) == found {
			return nil, usageError{fmt.Errorf("%s: there are no %s files in this folder", name, text.Or(imageSuffixes))}
		}
	}
	return paths, nil
}
