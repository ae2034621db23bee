package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/internal/text"
)

// detectCommand is "dismax detect".
type detectCommand struct {
	Detector    string   `arg:"" help:"File of a detector, as dismax export writes it."`
	Images      []string `arg:"" help:"JPEG and PNG files, or folders of them."`
	MemoryLimit byteSize `placeholder:"SIZE" help:"Memory that one image may take as it is decoded: 1GB, 512MiB, … Default: 256MiB."`

	JSON    bool   `name:"json" help:"Print one JSON object for each image instead of a table."`
	Backend string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND. Default: $$GOMLX_BACKEND, then the best that is here."`
}

// detected is what the command says about one image.
type detected struct {
	Image string `json:"image"`
	// In reports whether the image is in-distribution. If it is not, the class is not to be trusted.
	In          bool    `json:"in_distribution"`
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
	Score       float64 `json:"score"`
}

// Run answers for each image.
func (c *detectCommand) Run(ctx context.Context, t terminal) error {
	if err := checkPath("detector", c.Detector); err != nil {
		return err
	}
	paths, err := promptly(ctx, func() ([]string, error) { return imageFiles(c.Images) })
	if err != nil {
		return err
	}
	device, _, err := openBackend(c.Backend, nil)
	if err != nil {
		return usageError{err}
	}
	defer device.Finalize()
	detector, err := promptly(ctx, func() (*detect.Detector, error) { return detect.Load(device, c.Detector) })
	if err != nil {
		return err
	}
	answers, err := promptly(ctx, func() ([]detected, error) { return ask(ctx, detector, paths, int64(c.MemoryLimit)) })
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.out, answers)
	}
	return printAnswers(t, detector, answers)
}

// imageFiles lists the files that are named, and those of the folders that are named, in order.
func imageFiles(names []string) (paths []string, err error) {
	for _, name := range names {
		if err := checkPath("image", name); err != nil {
			return nil, err
		}
		found := len(paths)
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			isImage := slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(filepath.Ext(path)))
			if path == name && !entry.IsDir() || isImage && entry.Type().IsRegular() {
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("listing images: %w", err)
		}
		if len(paths) == found {
			return nil, usageError{fmt.Errorf("%s: there are no .jpg, .jpeg or .png files in this folder", name)}
		}
	}
	return paths, nil
}

// askedAtOnce is how many images are in memory together.
const askedAtOnce = 64

// ask passes the images through the detector.
func ask(ctx context.Context, detector *detect.Detector, paths []string, memoryLimit int64) ([]detected, error) {
	network := detector.Network()
	if network == nil {
		return nil, errors.New("this detector takes logits of a model and no images: it is asked from Go, with DetectOutputs")
	}
	if network.Channels() != 3 {
		return nil, fmt.Errorf("this detector takes images of %d channel, and files are read in 3: it is asked from Go", network.Channels())
	}
	var all []detected
	for some := range slices.Chunk(paths, askedAtOnce) {
		var pixels []uint8
		for _, path := range some {
			image, err := datasets.ReadImageWithin(memoryLimit, path, network.Height, network.Width)
			if err != nil {
				return nil, err
			}
			pixels = append(pixels, image...)
		}
		answers, err := detector.Detect(ctx, pixels)
		if err != nil {
			return nil, err
		}
		for i, answer := range answers {
			all = append(all, detected{some[i], answer.In, answer.ClassName, answer.Probability, answer.Score})
		}
	}
	return all, nil
}

func printJSON(out io.Writer, answers []detected) error {
	encoder := json.NewEncoder(out)
	for _, answer := range answers {
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return nil
}

// printAnswers prints a table, and what decided.
func printAnswers(t terminal, detector *detect.Detector, answers []detected) error {
	threshold, refused := detector.Threshold(), 0
	err := table(t.out, func(w io.Writer) error {
		fmt.Fprintf(w, "IMAGE\tDISTRIBUTION\tCLASS\tPROBABILITY\t%s\n", detector.Score().Name)
		for _, answer := range answers {
			if !answer.In {
				refused++
				fmt.Fprintf(w, "%s\tout\t\t\t%.5g\n", text.Printable(answer.Image), answer.Score)
				continue
			}
			fmt.Fprintf(w, "%s\tin\t%s\t%.1f%%\t%.5g\n", text.Printable(answer.Image), text.Printable(answer.Class),
				100*answer.Probability, answer.Score)
		}
		return nil
	})
	fmt.Fprintf(t.err, "%d of %d images are out-of-distribution: their score is below %.5g (%s)\n",
		refused, len(answers), threshold.Value, text.Printable(threshold.Rule))
	return err
}
