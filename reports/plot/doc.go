// Package plot draws the figures of this project from plain numbers: curves, intervals, dots, histograms, reliability
// diagrams, ROC curves, planes, circles and grids of images. Each function returns a [Plot], which is written as SVG or
// PNG and set side by side with [Row].
//
// It has never seen a results record: package reports draws those with it. Start reading at plot.go, then curve.go.
package plot
