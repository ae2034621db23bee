// Package reports turns results records (package record) into tables, plots and pages that people read and cite.
//
// Here are Table (text, Markdown, HTML, CSV and LaTeX), the plots of records (TrainingCurves, Reliability, ScoreHistogram,
// ROC), Cautions, and Write, which puts all that records hold into one folder with a self-contained HTML page. Runs that
// differ in nothing but the seed are shown as one row, mean and standard deviation, and the paper's numbers stand below
// the runs of the same data set, model and loss.
//
// Not here: how a record is made (package experiment), what its numbers mean (package metrics) and how a plot is drawn
// (package plot). Nothing is computed again from the data: what a record does not hold is not shown. Start reading at
// write.go.
package reports
