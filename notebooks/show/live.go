package show

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/reports/plot"
	"github.com/janpfeifer/gonb/gonbui"
)

// liveCurves shows the curves of a training of so many epochs in one place of the cell's output and draws them anew after
// each epoch. The last ones stay when the notebook is stored.
func liveCurves(epochs int) training.Watcher {
	id := gonbui.UniqueId()
	gonbui.UpdateHTML(id, "<i>The curves of the training appear here after its first epoch.</i>")
	gonbui.Sync() // before the first line of text
	var done []training.Epoch
	redraw := func() {
		p, err := epochCurves(done, epochs)
		switch {
		case err != nil: // a training need not end for want of a picture
		case len(done) < epochs:
			gonbui.UpdateHTML(id, draft(p))
		default:
			gonbui.UpdateHTML(id, picture(p))
		}
	}
	return training.Watcher{
		Resume: func(before []training.Epoch) { done = slices.Clone(before); redraw() },
		Epoch:  func(e training.Epoch) { done = append(done, e); redraw() },
	}
}

// epochCurves is the picture of the epochs that are done, of so many: the training loss and, where images were held out,
// the accuracy on these. Its words say where the curves end.
func epochCurves(done []training.Epoch, epochs int) (*plot.Plot, error) {
	var loss, accuracy plot.Curve
	loss.Dots, accuracy.Dots = true, true
	for _, e := range done {
		loss.X, loss.Y = append(loss.X, float64(e.Number)), append(loss.Y, e.Loss)
		if e.Validation != nil {
			accuracy.X, accuracy.Y = append(accuracy.X, float64(e.Number)), append(accuracy.Y, e.Validation.Accuracy)
		}
	}
	if len(done) == 0 {
		return nil, errors.New("no epoch is done")
	}
	last := done[len(done)-1]
	at := fmt.Sprintf("epoch %d of %d: ", last.Number, epochs)
	x := plot.Axis{Label: "epoch", From: min(1, float64(epochs)-1), To: float64(epochs), Whole: true, Ticks: 8}
	left, err := plot.Curves(plot.Chart{Title: "Training loss", Subtitle: at + fmt.Sprintf("%.4f", last.Loss),
		X: x, Y: plot.Axis{Label: "mean of an epoch"}}, loss)
	if err != nil || len(accuracy.X) == 0 {
		return left, err
	}
	right, err := plot.Curves(plot.Chart{Title: "Accuracy on held-out images",
		Subtitle: at + fmt.Sprintf("%.1f%%", 100*last.Validation.Accuracy),
		X:        x, Y: plot.Axis{Label: "accuracy", To: 1, Share: true}}, accuracy)
	if err != nil {
		return nil, err
	}
	return plot.Row(left.Resized(liveWidth, liveHeight), right.Resized(liveWidth, liveHeight))
}

// The size of each of the pictures, in points: small, since they are drawn again and again during the training.
const (
	liveWidth  = 270
	liveHeight = 190
)
