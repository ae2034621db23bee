// Package experiment runs one experiment of the paper from a spec: it opens the images, trains a backbone with one of
// the losses, fits the temperature, scores the test and out-of-distribution images, and writes one results record.
//
// It ties the other packages together and adds nothing to the method. Start with [Defaults] and [Run]; the record it
// returns is what package reports makes tables and plots of.
package experiment
