package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/plot"
)

func TestGridEscapesItsTexts(t *testing.T) {
	got := gridHTML([]string{"loss", "AUROC"}, [][]string{{"a < b", "0.5"}})
	for _, want := range []string{">a &lt; b</td>", `text-align:right">0.5</td>`, ">AUROC</th>"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s\nwant %q in it", got, want)
		}
	}
}

func TestFramesShowTheChosenPictureWithoutAScript(t *testing.T) {
	frame := func(label string) Frame {
		p, err := plot.Strips(plot.Chart{Title: "at " + label}, plot.Strip{Name: "a", Values: []float64{1, 2}})
		if err != nil {
			t.Fatal(err)
		}
		return Frame{Label: label, Plot: p}
	}
	got := framesHTML("temperature", 1, []Frame{frame("1"), frame("2"), frame("5")})
	for part, want := range map[string]int{
		`style="display:none"`: 2, "<img ": 3, `alt="at 5. Rows: a."`: 1, `max="2" value="1"`: 1,
		`<div><p>temperature: <b>2</b>`: 1, `aria-label="temperature"`: 1,
	} {
		if count := strings.Count(got, part); count != want {
			t.Errorf("%q: got it %d times, want %d", part, count, want)
		}
	}
}

func TestFramesOfDifferentPicturesHaveDifferentNames(t *testing.T) {
	p, err := plot.Strips(plot.Chart{}, plot.Strip{Name: "a", Values: []float64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	first, second := framesHTML("a", 0, []Frame{{"1", p}}), framesHTML("b", 0, []Frame{{"1", p}})
	id := func(content string) string {
		return content[strings.Index(content, "frames-"):][:len("frames-123456789012")]
	}
	if id(first) == id(second) {
		t.Errorf("got the name %s twice", id(first))
	}
}

func TestPaperNumbersAreThoseOfTheFiles(t *testing.T) {
	t.Chdir("..")
	var got string
	for _, row := range PaperTable2("CIFAR-10") {
		if row.Model == "ResNet-34" && row.Method == "SoftMax" {
			got = row.Accuracy.String() + ", " + row.ECE.String() + ", " + row.AUROC["tinyimagenet_resize"].String() + ", " +
				row.AUROC["cifar100"].String()
		}
	}
	if want := "95.6 ± 0.1, 0.0060 ± 0.0013, 89.7 ± 2.8, –"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	rows, source := PaperImageNet()
	if len(rows) != 2 || rows[1].AUROC["imagenet_o"] != 75.8 || source == "" {
		t.Errorf("ImageNet: got %v from %q", rows, source)
	}
}

func TestWilsonIntervals(t *testing.T) {
	for _, test := range []struct{ share, n, lower, upper float64 }{
		{0.5, 10, 0.2366, 0.7634}, {1, 10, 0.7225, 1}, {0, 1, 0, 0.7935},
	} {
		lower, upper := wilson(test.share, test.n)
		if math.Abs(lower-test.lower) > 1e-4 || math.Abs(upper-test.upper) > 1e-4 {
			t.Errorf("%g of %g: got %.4f to %.4f, want %.4f to %.4f", test.share, test.n, lower, upper, test.lower, test.upper)
		}
	}
}

func TestReliabilityLeavesEmptyBinsOut(t *testing.T) {
	curve := Reliability("a", []record.ReliabilityBin{{Count: 0}, {Count: 10, Confidence: 0.6, Accuracy: 0.5}})
	if !reflect.DeepEqual(curve.X, []float64{0.6}) || !reflect.DeepEqual(curve.Y, []float64{0.5}) || len(curve.Lower) != 1 {
		t.Errorf("got %+v", curve)
	}
}

func TestRatioOfARunnerThatTakesTwiceAsLong(t *testing.T) {
	single, double := []float64{1, 1.1, 0.9, 1, 1.2}, []float64{2, 2.2, 1.8, 2, 2.4}
	if got := Ratio(double, single); math.Abs(got.Value-2) > 1e-12 || math.Abs(got.Lower-2) > 1e-12 || math.Abs(got.Upper-2) > 1e-12 {
		t.Errorf("got %+v, want 2 with an interval of no width", got)
	}
}

func TestRaceRunsEveryRunnerInEveryRound(t *testing.T) {
	counts := [2]int{}
	seconds := Race(5, Runner{"a", func() { counts[0]++ }}, Runner{"b", func() { counts[1]++ }})
	if counts != [2]int{7, 7} || len(seconds) != 2 || len(seconds[0]) != 5 || len(seconds[1]) != 5 {
		t.Errorf("got %v calls and %d, %d times, want 7 calls and 5 times each", counts, len(seconds[0]), len(seconds[1]))
	}
}

func TestASetThatWasKeptIsTheSame(t *testing.T) {
	set := &datasets.Dataset{Name: "a", Classes: []string{"x", "y"}, Mean: []float32{.5}, Std: []float32{.2},
		Train: &datasets.Images{Pixels: []uint8{1, 2, 3}, Labels: []int32{1}, Height: 1, Width: 1}}
	path := filepath.Join(t.TempDir(), "folder", "set")
	Keep(path, set)
	got := Kept(path)
	if got.Name != "a" || !reflect.DeepEqual(got.Classes, set.Classes) || got.Train.SHA256() != set.Train.SHA256() {
		t.Errorf("got %+v, want %+v", got, set)
	}
}

func TestScoresNeedNotBeRegistered(t *testing.T) {
	logits := metrics.Logits{Values: []float64{1, 3, 5, 2}, Classes: 2}
	if got, want := ScoresOf(dismaxlib.MDS, logits), []float64{3, 5}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDeviationOfOneValueIsZero(t *testing.T) {
	if mean, deviation := MeanAndDeviation([]float64{3}); mean != 3 || deviation != 0 {
		t.Errorf("got %g ± %g, want 3 ± 0", mean, deviation)
	}
	if got := Quantile([]float64{4, 1, 3, 2}, 0.5); got != 2.5 {
		t.Errorf("the median is %g, want 2.5", got)
	}
}

func TestShareBelowIsTheInverseOfQuantile(t *testing.T) {
	ascending := []float64{1, 2, 4, 8}
	for _, share := range []float64{0, 0.1, 1. / 3, 0.5, 0.9, 1} {
		if got := ShareBelow(ascending, Quantile(ascending, share)); math.Abs(got-share) > 1e-12 {
			t.Errorf("share below the quantile at %g: got %g", share, got)
		}
	}
	if below, above := ShareBelow(ascending, 0), ShareBelow(ascending, 9); below != 0 || above != 1 {
		t.Errorf("outside: got %g and %g, want 0 and 1", below, above)
	}
}

func TestAnAxisReachesAroundAllValues(t *testing.T) {
	if from, to := Around(0.7, 0.5, 0.6); math.Abs(from-0.49) > 1e-12 || math.Abs(to-0.71) > 1e-12 {
		t.Errorf("got %g to %g, want 0.49 to 0.71", from, to)
	}
}

func TestNeighboursOfInterleavedImagesHaveDifferentClasses(t *testing.T) {
	images := &datasets.Images{Pixels: []uint8{0, 1, 2, 3, 4, 5}, Labels: []int32{0, 0, 0, 1, 1, 2}, Height: 1, Width: 1}
	images.Pixels = slices.Repeat(images.Pixels, 3) // three channels
	got := Interleaved(images)
	if want := []int32{0, 1, 2, 0, 1, 0}; !reflect.DeepEqual(got.Labels, want) {
		t.Errorf("labels: got %v, want %v", got.Labels, want)
	}
}

func TestNoFinishedRunsInAFolderThatIsNotThere(t *testing.T) {
	t.Setenv(RunsVariable, filepath.Join(t.TempDir(), "none"))
	if runs := Committed("table2-cifar10", "cpu"); len(runs) != 0 {
		t.Errorf("got %d runs, want none", len(runs))
	}
}

func TestDetectionOfAScoreThatTheRecordLacks(t *testing.T) {
	run := FinishedRun{Record: &record.Record{OutOfDistribution: []record.OutOfDistribution{
		{Set: record.Set{Name: "far"}, Scores: []record.Detection{{Score: "MPS", AUROC: 0.9}}}}}}
	if d, ok := run.Detection("far", "MPS"); !ok || d.AUROC != 0.9 {
		t.Errorf("MPS: got %v, %v", d.AUROC, ok)
	}
	for _, missing := range [][2]string{{"far", "ES"}, {"near", "MPS"}} {
		if _, ok := run.Detection(missing[0], missing[1]); ok {
			t.Errorf("%v: found, want none", missing)
		}
	}
}

// reduced returns a plot before and after smallPNG, which must halve its bytes.
func reduced(t *testing.T, p *plot.Plot) (was, is image.Image) {
	t.Helper()
	content, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if was, err = png.Decode(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	small := smallPNG(was)
	if len(small) > len(content)/2 {
		t.Errorf("got %d bytes of %d, want less than half", len(small), len(content))
	}
	if is, err = png.Decode(bytes.NewReader(small)); err != nil {
		t.Fatal(err)
	}
	return was, is
}

func TestSmallPNGKeepsAPlotToFiveBits(t *testing.T) {
	plot, err := plot.Strips(plot.Chart{Title: "a plot"}, plot.Strip{Name: "a", Values: []float64{1, 2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	was, is := reduced(t, plot)
	for y := range was.Bounds().Dy() {
		for x := range was.Bounds().Dx() {
			r1, g1, b1, _ := was.At(x, y).RGBA()
			r2, g2, b2, _ := is.At(x, y).RGBA()
			for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2)} {
				if d > 8*257 || d < -8*257 {
					t.Fatalf("at %d, %d: got %v, want %v within 8 of 255", x, y, is.At(x, y), was.At(x, y))
				}
			}
		}
	}
}

// A map of many shades under discs has far more than 256 colours, most of them in soft rims.
func TestSmallPNGOfAMapIsSmallAndNearlyTheSame(t *testing.T) {
	plane := plot.Plane{Half: 1, ScoreName: "score"}
	for _, at := range plane.Grid() {
		plane.Scores = append(plane.Scores, math.Sin(3*at[0])*math.Cos(2*at[1]))
	}
	random := rand.New(rand.NewPCG(1, 0))
	for i := range 300 {
		plane.Points = append(plane.Points, []float64{2*random.Float64() - 1, 2*random.Float64() - 1})
		plane.Labels = append(plane.Labels, int32(i%6)-1)
	}
	p, err := plane.Plot()
	if err != nil {
		t.Fatal(err)
	}
	was, is := reduced(t, p)
	far, size := 0, was.Bounds().Dx()*was.Bounds().Dy()
	for i := range size {
		x, y := i%was.Bounds().Dx(), i/was.Bounds().Dx()
		a, b := color.NRGBAModel.Convert(was.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(is.At(x, y)).(color.NRGBA)
		if max(distance(a.R, b.R), distance(a.G, b.G), distance(a.B, b.B)) > 8 {
			far++
		}
	}
	if far > size/20 {
		t.Errorf("%d of %d pixels have another colour, want 5%% at most", far, size)
	}
}

func distance(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func TestSmallPNGOfManyColoursIsExact(t *testing.T) {
	was := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	random := rand.New(rand.NewPCG(1, 0))
	for i := range was.Pix {
		was.Pix[i] = uint8(random.IntN(256))
	}
	for i := 3; i < len(was.Pix); i += 4 {
		was.Pix[i] = 255
	}
	is, err := png.Decode(bytes.NewReader(smallPNG(was)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 64 * 64 {
		if got, want := is.At(i%64, i/64), was.At(i%64, i/64); color.NRGBAModel.Convert(got) != want {
			t.Fatalf("at %d, %d: got %v, want %v", i%64, i/64, got, want)
		}
	}
}

func TestValuesOverSeedsAreWrittenAsMeanAndDeviation(t *testing.T) {
	for want, values := range map[string][]float64{"–": nil, "0.64": {0.64}, "0.65 ± 0.01": {0.64, 0.66}} {
		if got := OverSeeds(values, 2); got != want {
			t.Errorf("%g: got %q, want %q", values, got, want)
		}
	}
}
