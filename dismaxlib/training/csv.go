package training

import (
	"encoding/csv"
	"io"
	"strconv"
)

// CSV writes one line of CSV for every epoch, those of earlier sessions first, after a line of names. Columns of what
// was not measured are empty.
func CSV(out io.Writer) Watcher {
	writer := csv.NewWriter(out)
	started := false
	write := func(epochs ...Epoch) {
		if !started {
			started = true
			writer.Write([]string{"epoch", "step", "learning_rate", "loss", "validation_loss", "validation_accuracy",
				"images", "seconds", "images_per_second"})
		}
		for _, epoch := range epochs {
			writer.Write(epoch.columns())
		}
		writer.Flush()
	}
	return Watcher{Resume: func(done []Epoch) { write(done...) }, Epoch: func(e Epoch) { write(e) }}
}

func (e Epoch) columns() []string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	columns := []string{strconv.Itoa(e.Number), strconv.Itoa(e.Step), number(e.LearningRate), number(e.Loss), "", "",
		strconv.Itoa(e.Images), number(e.Seconds), number(e.ImagesPerSecond)}
	if v := e.Validation; v != nil {
		columns[4], columns[5] = number(v.Loss), number(v.Accuracy)
	}
	return columns
}
