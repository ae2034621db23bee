// Picture draws ten photographs with what the detector that comes with the library says of each, and prints what stands
// beside them in README.md. "make picture" runs it.
//
// The rule that chooses them is fixed, so that mistakes stay in: the first test image of each of the first five classes
// of CIFAR-10, and the first five images of TinyImageNet.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/pretrained"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports/plot"
)

// ofEach is how many images of known and of unknown kinds there are.
const ofEach = 5

func main() {
	data := flag.String("data", "", "folder or zip of the images; default: $DISMAX_DATA, then the cache")
	out := flag.String("out", "reports/measured/detector.png", "file of the picture")
	flag.Parse()
	if err := draw(context.Background(), *data, *out); err != nil {
		log.Fatal(err)
	}
}

// draw writes the picture to the file and prints its text.
func draw(ctx context.Context, data, out string) error {
	device, _, err := backend.Open("")
	if err != nil {
		return err
	}
	defer device.Finalize()
	detector, err := pretrained.CIFAR10(device)
	if err != nil {
		return err
	}
	r, err := pretrained.Record()
	if err != nil {
		return err
	}
	chosen, truths, err := choose(ctx, data)
	if err != nil {
		return err
	}
	answers, err := detector.Detect(ctx, chosen.Pixels)
	if err != nil {
		return err
	}
	captions := make([]string, len(answers))
	for i, answer := range answers {
		captions[i] = verdict(truths[i], answer)
	}
	grid, err := plot.ImageGrid(chosen.Pixels, len(captions), chosen.Height, chosen.Width, len(captions), captions)
	if err != nil {
		return err
	}
	if err := grid.SavePNG(out); err != nil {
		return err
	}
	fmt.Println(caption(detector, r))
	return nil
}

// unknown is the truth about an image of the unknown set.
const unknown = "TinyImageNet"

// choose returns the images and what each shows.
func choose(ctx context.Context, data string) (chosen *datasets.Images, truths []string, err error) {
	known, err := datasets.Open(ctx, "cifar10", datasets.Options{Data: data, TrainLimit: 100}) // for the labels of the test set
	if err != nil {
		return nil, nil, err
	}
	others, err := datasets.Open(ctx, "tinyimagenet", datasets.Options{Data: data, TestOnly: true})
	if err != nil {
		return nil, nil, err
	}
	size := known.Test.Height * known.Test.Width * 3
	chosen = &datasets.Images{Height: known.Test.Height, Width: known.Test.Width}
	add := func(images *datasets.Images, at int, truth string) {
		chosen.Pixels = append(chosen.Pixels, images.Pixels[at*size:(at+1)*size]...)
		truths = append(truths, truth)
	}
	for class := range ofEach {
		at := slices.Index(known.Test.Labels, int32(class))
		if at < 0 {
			return nil, nil, fmt.Errorf("there is no test image of %s", known.Classes[class])
		}
		add(known.Test, at, known.Classes[class])
	}
	if others.Test.Len() < ofEach || len(others.Test.Pixels) != others.Test.Len()*size {
		return nil, nil, fmt.Errorf("%s: want %d images or more of %dx%d pixels", others.Name, ofEach, known.Test.Width, known.Test.Height)
	}
	for i := range ofEach {
		add(others.Test, i, unknown)
	}
	return chosen, truths, nil
}

// verdict is what stands below an image: what it shows, what the detector says, and whether that is right.
func verdict(truth string, answer detect.Answer) string {
	place, right := "out", truth == unknown
	if answer.In {
		place, right = "in", truth == answer.ClassName
	}
	judgement := "wrong"
	if right {
		judgement = "right"
	}
	return fmt.Sprintf("%s\n%s %.0f%%\n%s: %s", truth, answer.ClassName, 100*answer.Probability, place, judgement)
}

// caption is the text beside the picture, in Markdown. Its figures are those that the detector and its record measured.
func caption(detector *detect.Detector, r *record.Record) string {
	var worth []string
	for _, m := range detector.Measured() {
		worth = append(worth, m.String())
	}
	for _, out := range r.OutOfDistribution {
		worth = append(worth, ranking(detector.Score().Name, &out))
	}
	return fmt.Sprintf("*Ten images by a fixed rule, mistakes left in: the first test image of each of the first five classes "+
		"of CIFAR-10, and the first five of TinyImageNet, which counts as unknown although it has some of the same kinds, such "+
		"as dogs. Below each: what it is, the class and its probability, and whether the detector takes it for one of its "+
		"kinds. Measured: %s. The detector is a %s with %s, trained for %s on %s.*", strings.Join(worth, "; "), r.Model.Title,
		r.Loss.Title, text.Count(len(r.Epochs), "epoch"), text.Count(r.Data.Train.Images, "image"))
}

// ranking is how well the score tells the sets apart, beside what the size of a file does.
func ranking(score string, out *record.OutOfDistribution) string {
	at := slices.IndexFunc(out.Scores, func(d record.Detection) bool { return d.Score == score })
	if at < 0 {
		return "no AUROC for " + score
	}
	ranked := fmt.Sprintf("AUROC %.3f", out.Scores[at].AUROC)
	if out.Floor != nil {
		ranked += fmt.Sprintf(" (the size of the compressed image alone has %.3f)", out.Floor.AUROC)
	}
	return ranked
}
