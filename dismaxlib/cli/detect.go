package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/pretrained"
	"github.com/dismax-go/dismax/internal/text"
)

// detectCommand is "dismax detect".
type detectCommand struct {
	Args []string `arg:"" optional:"" name:"detector-and-images" help:"Image files, folders of them, or - for names from standard input, one a line; before them the file of a detector, as dismax export writes it. Without images the detector is described."`

	Detector  string `placeholder:"FILE" help:"The detector; all arguments are images then. Default: the first argument, if that is one, else the detector that comes with dismax, which knows the ten classes of CIFAR-10."`
	JSON      bool   `name:"json" xor:"form" help:"Print one JSON object for each image, with all probabilities."`
	CSV       bool   `name:"csv" xor:"form" help:"Print one line of CSV for each image, with all probabilities."`
	FailOnOut bool   `help:"Exit with status 3 if an image is out-of-distribution. (Status 1, if an image could not be read.)"`
	Backend   string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND. Default: $$GOMLX_BACKEND, then the best that is here."`

	MemoryLimit byteSize `placeholder:"SIZE" help:"Memory that one image may take as it is decoded: 1GB, 512MiB, … Default: 256MiB."`
}

// Run answers for each image, or describes the detector.
func (c *detectCommand) Run(ctx context.Context, t terminal) error {
	file, names, err := c.arguments()
	if err != nil {
		return err
	}
	paths, err := promptly(ctx, func() ([]string, error) { return namedImages(names) })
	if err != nil {
		return err
	}
	if file == "" {
		if i := slices.IndexFunc(names, isDetector); i >= 0 {
			return usageError{fmt.Errorf("%s is a detector: name it before the images", names[i])}
		}
	}
	device, _, err := openBackend(c.Backend, nil)
	if err != nil {
		return usageError{err}
	}
	defer device.Finalize()
	detector, err := promptly(ctx, func() (*detect.Detector, error) {
		if file == "" {
			return pretrained.CIFAR10(device)
		}
		return detect.Load(device, file)
	})
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return c.describe(t, cmp.Or(file, ours), detector)
	}
	if file == "" {
		t.line(fmt.Sprintf("detector: %s, which knows %s (--detector FILE names another)", ours, text.And(detector.ClassNames())))
	}
	a := &asking{
		detector: detector, out: c.printer(t, detector), problems: t.err, memoryLimit: int64(c.MemoryLimit),
	}
	if err := a.check(); err != nil {
		return err
	}
	if err := a.askAll(ctx, paths, t.in); err != nil {
		return err
	}
	if a.answered+a.unread == 0 {
		return usageError{errors.New("standard input names no image: it takes the path of one in each line")}
	}
	threshold := detector.Threshold()
	t.line(fmt.Sprintf("%d of %s out-of-distribution: a score below %s (%s)", a.refused,
		thereAre(a.answered), scoreText(threshold.Value, threshold.Value), threshold.Rule))
	return c.outcome(a)
}

// ours is what the detector that comes with the program is called.
const ours = "the one that comes with dismax"

// outcome is the error that the exit status tells of.
func (c *detectCommand) outcome(a *asking) error {
	switch {
	case a.unread > 0:
		return fmt.Errorf("%d of %s could not be read", a.unread, text.Count(a.answered+a.unread, "file"))
	case c.FailOnOut && a.refused > 0:
		return statusError{fmt.Errorf("%d of %s out-of-distribution, and --fail-on-out was given",
			a.refused, thereAre(a.answered)), exitOut}
	}
	return nil
}

func thereAre(n int) string {
	if n == 1 {
		return "1 image is"
	}
	return text.Count(n, "image") + " are"
}

// arguments says which file is the detector, "" for the one that comes with the program, and what is to be asked about.
func (c *detectCommand) arguments() (detector string, images []string, err error) {
	detector, images = c.Detector, c.Args
	if detector == "" && len(images) > 0 && !namesImages(images[0]) {
		detector, images = images[0], images[1:]
	}
	if detector == "" {
		return "", images, nil
	}
	info, err := os.Stat(detector)
	switch {
	case err == nil && info.IsDir():
		return "", nil, usageError{fmt.Errorf("%s is a folder and no detector: of the folder of a run, dismax export %[1]s "+
			"NAME%s makes one", detector, detectorSuffix)}
	case c.Detector != "" || isDetector(detector):
		return detector, images, checkPath("detector", detector)
	case err != nil:
		return "", nil, usageError{fmt.Errorf("%s: there is no such detector, image or folder", detector)}
	}
	return "", nil, usageError{fmt.Errorf("%s is called neither like an image (%s) nor like a detector (%s): "+
		"--detector takes a detector of any name", detector, text.Or(imageSuffixes), detectorSuffix)}
}

// isDetector reports whether the file is called like a detector.
func isDetector(path string) bool { return filepath.Ext(path) == detectorSuffix }

// namesImages reports whether the argument names images: a file called like one, a folder that is not that of a run, or
// standard input.
func namesImages(argument string) bool {
	if isImage(argument) || argument == standardInput {
		return true
	}
	if info, err := os.Stat(argument); err != nil || !info.IsDir() {
		return false
	}
	_, err := os.Stat(recordPath(argument))
	return errors.Is(err, fs.ErrNotExist)
}

// standardInput stands for the names of images that come from there.
const standardInput = "-"

// imageSuffixes are those of the files that are taken from a folder.
var imageSuffixes = []string{".jpg", ".jpeg", ".png", ".webp"}

// isImage reports whether the file is called like an image.
func isImage(path string) bool {
	return slices.Contains(imageSuffixes, strings.ToLower(filepath.Ext(path)))
}
