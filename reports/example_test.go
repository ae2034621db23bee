package reports_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports"
	"github.com/dismax-go/dismax/reports/plot"
)

func ExampleTable() {
	run := func(loss, title string, accuracy float64) *record.Record {
		return &record.Record{
			Spec: record.Spec{Dataset: "my-photos", Model: "resnet20", Loss: loss, Seed: 1,
				CalibrationBins: 15, CalibrationCriterion: "ece"},
			Model: record.Model{Title: "ResNet-20"},
			Loss:  record.Loss{Title: title},
			Test: record.Test{Accuracy: accuracy, Temperature: 1,
				Before: record.Calibration{NLL: 0.5, ECE: 0.04}, After: record.Calibration{NLL: 0.5, ECE: 0.04}},
		}
	}
	markdown := reports.Table(run("softmax", "SoftMax", 0.90), run("dismax", "DisMax", 0.91)).Markdown()
	table, _, _ := strings.Cut(markdown, "\n\nECE") // the notes follow
	fmt.Println(table)
	// Output:
	// ### my-photos
	//
	// **Classification and calibration**
	//
	// | Loss | Model | Runs | Accuracy % | NLL before | NLL after | ECE before | ECE after | Temperature |
	// | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
	// | SoftMax | ResNet-20 | 1 | 90.0 | 0.500 | 0.500 | 0.0400 | 0.0400 | 1.000 |
	// | DisMax | ResNet-20 | 1 | 91.0 | 0.500 | 0.500 | 0.0400 | 0.0400 | 1.000 |
}

func ExampleWrite() {
	var records []*record.Record
	for _, folder := range []string{"runs/softmax", "runs/dismax"} {
		r, err := record.Read(folder)
		if err != nil {
			log.Fatal(err)
		}
		records = append(records, r)
	}
	files, err := reports.Write("reports/out", records)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("open", files[0])
}

func ExampleReliability() {
	r, err := record.Read("runs/dismax")
	if err != nil {
		log.Fatal(err)
	}
	before, err := reports.Reliability(r, reports.BeforeCalibration)
	if err != nil {
		log.Fatal(err)
	}
	after, err := reports.Reliability(r, reports.AfterCalibration)
	if err != nil {
		log.Fatal(err)
	}
	both, err := plot.Row(before, after)
	if err != nil {
		log.Fatal(err)
	}
	if err := both.SavePNG("calibration.png"); err != nil {
		log.Fatal(err)
	}
}

func ExampleROC() {
	softmax, err := record.Read("runs/softmax")
	if err != nil {
		log.Fatal(err)
	}
	dismax, err := record.Read("runs/dismax")
	if err != nil {
		log.Fatal(err)
	}
	curves, err := reports.ROC("svhn", "", softmax, dismax) // each loss with its own score
	if err != nil {
		log.Fatal(err)
	}
	if err := curves.SaveSVG("roc.svg"); err != nil {
		log.Fatal(err)
	}
}
