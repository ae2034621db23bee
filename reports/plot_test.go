package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// mustPlot returns the plot's SVG after checking that it is well-formed.
func mustPlot(t *testing.T, p *Plot, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	svg, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
	}
	if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
		t.Errorf("the SVG of %q holds coordinates that are not finite", p.Title)
	}
	return string(svg)
}

func decodePNG(t *testing.T, p *Plot) image.Image {
	t.Helper()
	content, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// wantAll checks that the text holds each of the parts.
func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("want %q in\n%.1500s", part, text)
		}
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one with %q", parts)
	}
	wantAll(t, err.Error(), parts...)
}

func TestTrainingCurvesShareAColourAcrossSeeds(t *testing.T) {
	plot, err := TrainingCurves(fixture.New("dismax", 1), fixture.New("dismax", 2), fixture.New("softmax", 1))
	svg := mustPlot(t, plot, err)
	wantAll(t, svg, ">Training loss<", ">CIFAR-10, ResNet-34: mean loss of each epoch<", ">SoftMax<", ">DisMax, 2 seeds<",
		">rate divided by 10<", ">epoch<", ">60<", "#0072B2", "#D55E00")
}

func TestTrainingCurvesOfSeveralModelsHaveDashes(t *testing.T) {
	small := changed("dismax", 1, func(r *record.Record) { r.Spec.Model, r.Spec.LearningRateDrops = "resnet20", nil })
	plot, err := TrainingCurves(small, fixture.New("dismax", 1))
	svg := mustPlot(t, plot, err)
	wantAll(t, svg, ">DisMax, ResNet-20<", ">DisMax, ResNet-34<", "stroke-dasharray:6,3", ">CIFAR-10: mean loss")
	if strings.Contains(svg, "rate divided") {
		t.Error("runs with different schedules have marks of a shared one")
	}
}

func TestTrainingCurvesDrawShortAndBrokenRuns(t *testing.T) {
	for name, losses := range map[string][]float64{
		"one epoch": {2}, "not finite": {2, math.NaN(), 1, math.Inf(1)}, "nothing finite": {math.NaN()}, "zero": {0, 0},
		"negative": {-1, -2},
	} {
		t.Run(name, func(t *testing.T) {
			r := changed("dismax", 1, func(r *record.Record) {
				r.Epochs = nil
				for _, loss := range losses {
					r.Epochs = append(r.Epochs, record.Epoch{Loss: loss})
				}
			})
			plot, err := TrainingCurves(r)
			mustPlot(t, plot, err)
		})
	}
}

func TestTrainingCurvesOfDifferentDataSetsSayNothingOfOne(t *testing.T) {
	other := changed("dismax", 1, func(r *record.Record) { r.Spec.Dataset = "svhn" })
	plot, err := TrainingCurves(fixture.New("dismax", 1), other)
	mustPlot(t, plot, err)
	if plot.Subtitle != "" {
		t.Errorf("got subtitle %q, want none", plot.Subtitle)
	}
}

func TestTrainingCurvesNeedAnEpoch(t *testing.T) {
	_, err := TrainingCurves(changed("dismax", 1, func(r *record.Record) { r.Epochs = nil }), nil)
	wantError(t, err, "no record holds an epoch")
}

func TestReliabilityShowsTheStageThatWasAskedFor(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		r.Test.Before.ECE, r.Test.After.ECE, r.Test.Temperature = 0.25, 0.0123, 0.125
	})
	plot, err := Reliability(r, BeforeCalibration)
	wantAll(t, mustPlot(t, plot, err), ">DisMax before calibration: ECE 0.2500<", "temperature 1<", ">perfect<",
		">gap to confidence<", ">largest probability<")
	plot, err = Reliability(r, AfterCalibration)
	wantAll(t, mustPlot(t, plot, err), ">DisMax after calibration: ECE 0.0123<", "temperature 0.125<")
}

func TestReliabilitySkipsEmptyAndBrokenBins(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		r.Test.Before.Reliability = []record.ReliabilityBin{
			{Lower: 0, Upper: 0.5}, {Lower: 0.5, Upper: 0.75, Count: 3, Confidence: math.NaN(), Accuracy: 0.5},
			{Lower: 0.75, Upper: 1, Count: 3, Confidence: 0.8, Accuracy: 0.8},
		}
	})
	plot, err := Reliability(r, BeforeCalibration)
	mustPlot(t, plot, err)
}

func TestReliabilityNeedsBins(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) { r.Test.After.Reliability = nil })
	_, err := Reliability(r, AfterCalibration)
	wantError(t, err, "cifar10, resnet34, dismax, seed 1", "after calibration")
}

func TestScoreHistogramUsesThePapersScoreByDefault(t *testing.T) {
	plot, err := ScoreHistogram(fixture.New("softmax", 1), "svhn", "")
	wantAll(t, mustPlot(t, plot, err), ">SoftMax: MPS on CIFAR-10 and SVHN<", ">in: CIFAR-10, ", ">out: SVHN, ", ">AUROC ")
	plot, err = ScoreHistogram(fixture.New("softmax", 1), "svhn", "ES")
	wantAll(t, mustPlot(t, plot, err), ">SoftMax: ES on CIFAR-10 and SVHN<")
	other := changed("my-loss", 1, func(r *record.Record) {
		r.OutOfDistribution = fixture.New("isomax", 1).OutOfDistribution
	})
	plot, err = ScoreHistogram(other, "svhn", "")
	wantAll(t, mustPlot(t, plot, err), ">my-loss: ES on")
}

func TestScoreHistogramNamesWhatTheRecordHolds(t *testing.T) {
	_, err := ScoreHistogram(fixture.New("dismax", 1), "lsun", "")
	wantError(t, err, `"lsun"`, "tinyimagenet_resize, svhn")
	_, err = ScoreHistogram(fixture.New("dismax", 1), "svhn", "ES")
	wantError(t, err, `"ES"`, "MMLES, MPS")
	_, err = ScoreHistogram(changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution = nil }), "svhn", "")
	wantError(t, err, "it has none")
	noScores := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores = nil })
	_, err = ScoreHistogram(noScores, "svhn", "")
	wantError(t, err, `"MMLES"`, "it has none")
}

func TestScoreHistogramRefusesBrokenHistograms(t *testing.T) {
	for name, histogram := range map[string]record.Histogram{
		"empty":          {},
		"no counts":      {Edges: []float64{0, 1}, In: []int{0}, Out: []int{1}},
		"lengths differ": {Edges: []float64{0, 1, 2}, In: []int{1}, Out: []int{1, 1}},
		"not finite":     {Edges: []float64{0, math.Inf(1)}, In: []int{1}, Out: []int{1}},
		"not growing":    {Edges: []float64{0, 0}, In: []int{1}, Out: []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].Histogram = histogram })
			_, err := ScoreHistogram(r, "svhn", "")
			wantError(t, err, "no histogram of MMLES on svhn")
		})
	}
}

func TestScoreHistogramJoinsBinsOfFewImages(t *testing.T) {
	fine := record.Histogram{Edges: []float64{0}}
	for i := range 60 {
		fine.Edges = append(fine.Edges, float64(i+1))
		fine.In, fine.Out = append(fine.In, 2), append(fine.Out, 3)
	}
	// 2 * 120^(1/3) is 9.9: the fewest bins that divide 60 and are no fewer are 10.
	got := coarser(fine)
	if len(got.In) != 10 || len(got.Edges) != 11 || got.Edges[1] != 6 || got.In[9] != 12 || got.Out[0] != 18 {
		t.Errorf("got %v, want 10 bins of 12 and 18 images", got)
	}
	for i := range fine.In {
		fine.In[i], fine.Out[i] = 2000, 2000
	}
	if got := coarser(fine); len(got.In) != 60 {
		t.Errorf("many images: got %d bins, want all 60", len(got.In))
	}
}

func TestROCNamesTheAreaOfEachLoss(t *testing.T) {
	a := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.9 })
	b := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.95 })
	c := changed("dismax", 2, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.97 })
	plot, err := ROC("svhn", "", a, b, c)
	wantAll(t, mustPlot(t, plot, err), ">ROC: CIFAR-10 against SVHN<",
		">SoftMax, MPS: 90.0%<", ">DisMax, MMLES: 96.0 ± 1.4%<")
}

func TestROCLeavesOutRecordsWithoutTheSet(t *testing.T) {
	without := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = r.OutOfDistribution[:1] })
	half := changed("dismax", 2, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].ROC = nil })
	plot, err := ROC("svhn", "", without, half, fixture.New("dismax", 1))
	svg := mustPlot(t, plot, err)
	if strings.Contains(svg, "SoftMax") {
		t.Error("SoftMax has no results on SVHN but stands in the legend")
	}
	_, err = ROC("svhn", "", without)
	wantError(t, err, "ROC: ", `no out-of-distribution set "svhn"`)
	_, err = ROC("svhn", "", half)
	wantError(t, err, "no ROC curve of MMLES on svhn")
	_, err = ROC("svhn", "")
	wantError(t, err, "ROC: no records")
}

func TestROCOfSeveralDataSetsNamesThem(t *testing.T) {
	other := changed("dismax", 1, func(r *record.Record) { r.Spec.Dataset = "cifar100" })
	plot, err := ROC("svhn", "", fixture.New("dismax", 1), other)
	wantAll(t, mustPlot(t, plot, err), ">ROC: CIFAR-10, CIFAR-100 against SVHN<")
}

func TestTextsStayInsideThePlot(t *testing.T) {
	long := strings.Repeat("very long name ", 20)
	plot, err := ScoreHistogram(changed(long, 1, func(r *record.Record) {
		r.OutOfDistribution = fixture.New("dismax", 1).OutOfDistribution
		r.OutOfDistribution[1].Set.Name = long
	}), long, "")
	svg := mustPlot(t, plot, err)
	wantAll(t, svg, "very long na", "…<")
	if strings.Contains(svg, long) {
		t.Error("the whole of a long name is drawn")
	}
}

func TestPlotEscapesNames(t *testing.T) {
	plot, err := TrainingCurves(fixture.New(strange, 1))
	wantAll(t, mustPlot(t, plot, err), "a|b_c*&lt;i&gt;&amp;")
}

func TestPlotsAreDeterministic(t *testing.T) {
	for range 5 {
		a, errA := Reliability(fixture.New("dismax", 1), BeforeCalibration)
		b, errB := Reliability(fixture.New("dismax", 1), BeforeCalibration)
		if mustPlot(t, a, errA) != mustPlot(t, b, errB) {
			t.Fatal("the same record gave different pictures")
		}
	}
}

func TestPNGHasTwiceTheUsualDensity(t *testing.T) {
	plot, err := TrainingCurves(fixture.New("dismax", 1))
	if err != nil {
		t.Fatal(err)
	}
	// 400 by 290 points are 1066.7 by 773.3 dots at 192 dots per inch.
	if got := decodePNG(t, plot).Bounds().Size(); got.X != 1067 || got.Y != 773 {
		t.Errorf("got %v dots, want 1067 by 773", got)
	}
}

func TestRowIsAsWideAsItsPlots(t *testing.T) {
	before, err := Reliability(fixture.New("dismax", 1), BeforeCalibration)
	if err != nil {
		t.Fatal(err)
	}
	training, err := TrainingCurves(fixture.New("dismax", 1))
	if err != nil {
		t.Fatal(err)
	}
	row, err := Row(before, training)
	svg := mustPlot(t, row, err)
	wantAll(t, svg, `viewBox="0 0 740 380"`, ">DisMax before calibration", ">Training loss<")
	_, err = Row()
	wantError(t, err, "at least one plot")
}

func TestSaveWritesThePictureAndNamesAFileItCannotWrite(t *testing.T) {
	plot, err := TrainingCurves(fixture.New("dismax", 1))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, save := range map[string]func(string) error{"plot.svg": plot.SaveSVG, "plot.png": plot.SavePNG} {
		path := filepath.Join(folder, name)
		if err := save(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		missing := filepath.Join(folder, "no-such-folder", name)
		err := save(missing)
		wantError(t, err, missing)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want it to wrap fs.ErrNotExist", err)
		}
	}
}

func TestImageGridShowsImagesInOrder(t *testing.T) {
	red, green, blue := []uint8{255, 0, 0}, []uint8{0, 255, 0}, []uint8{0, 0, 255}
	var pixels []uint8
	for _, colour := range [][]uint8{red, green, blue} {
		for range 4 * 4 {
			pixels = append(pixels, colour...)
		}
	}
	plot, err := ImageGrid(pixels, 3, 4, 4, 2, []string{"red & round", "green"})
	wantAll(t, mustPlot(t, plot, err), ">red &amp; round<", ">green<", "<image ")
	picture := decodePNG(t, plot)
	// Two columns of 192 dots with gaps of 16, rows of 192 dots with 40 for the caption and gaps of 16.
	if got := picture.Bounds().Size(); got.X != 16+2*208 || got.Y != 16+2*248 {
		t.Errorf("got %v dots, want 432 by 512", got)
	}
	for _, test := range []struct {
		x, y int
		want color.RGBA
	}{
		{100, 100, color.RGBA{255, 0, 0, 255}}, {320, 100, color.RGBA{0, 255, 0, 255}},
		{100, 350, color.RGBA{0, 0, 255, 255}}, {320, 350, color.RGBA{255, 255, 255, 255}},
	} {
		if got := color.RGBAModel.Convert(picture.At(test.x, test.y)); got != test.want {
			t.Errorf("at (%d, %d): got %v, want %v", test.x, test.y, got, test.want)
		}
	}
}

func TestImageGridKeepsTheShapeOfImages(t *testing.T) {
	plot, err := ImageGrid(make([]uint8, 8*16*3), 1, 8, 16, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := decodePNG(t, plot).Bounds().Size(); got.X != 16+208 || got.Y != 16+96+16 {
		t.Errorf("got %v dots, want 224 by 128", got)
	}
}

func TestImageGridRefusesWrongSizes(t *testing.T) {
	_, err := ImageGrid(make([]uint8, 11), 1, 2, 2, 1, nil)
	wantError(t, err, "11 values are too few", "need 12")
	for _, sizes := range [][4]int{{0, 2, 2, 1}, {1, 0, 2, 1}, {1, 2, -1, 1}, {1, 2, 2, 0}} {
		_, err := ImageGrid(make([]uint8, 100), sizes[0], sizes[1], sizes[2], sizes[3], nil)
		wantError(t, err, "at least 1")
	}
}

func TestTickStepIsARoundNumber(t *testing.T) {
	for rough, want := range map[float64]float64{1: 1, 1.5: 2, 3: 5, 7: 10, 0.012: 0.02, 0.2: 0.2, 45: 50, 0: 1, -1: 1} {
		if got := tickStep(rough); math.Abs(got-want) > 1e-12 {
			t.Errorf("tickStep(%g): got %g, want %g", rough, got, want)
		}
	}
	if got := tickStep(math.NaN()); got != 1 {
		t.Errorf("tickStep(NaN): got %g, want 1", got)
	}
}

func TestUnknownLossesKeepTheirColour(t *testing.T) {
	if a, b := identify("my-loss"), identify("my-loss"); a.colour != b.colour || a.title != "my-loss" {
		t.Errorf("got %v and %v, want the same", a, b)
	}
}

func TestNamesAreWrittenAsPeopleWriteThem(t *testing.T) {
	for got, want := range map[string]string{
		setTitle("cifar10"): "CIFAR-10", setTitle("tinyimagenet_resize"): "TinyImageNet (resized)", setTitle("mine"): "mine",
		modelTitle("resnet20"): "ResNet-20", modelTitle("densenet-bc-100"): "DenseNet-BC-100",
		modelTitle("wide-resnet-28-10"): "WideResNet-28-10", modelTitle("resnet-x"): "resnet-x",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestFileNamesAreSafe(t *testing.T) {
	for words, want := range map[string]string{
		"ROC svhn MMLES": "roc-svhn-mmles", "../../etc": "etc", "a/b\\c": "a-b-c", "": ".", "_x.1": "_x.1",
	} {
		if got := fileName(words); got != want {
			t.Errorf("fileName(%q): got %q, want %q", words, got, want)
		}
	}
}
