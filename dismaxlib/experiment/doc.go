// Package experiment runs one experiment of the paper from a spec: it opens the images, trains a network with one of the
// losses, fits the temperature, scores the test and out-of-distribution images, and writes one results record; and it
// makes a detector of what a run left in its folder. [Evaluate] does the same with outputs of a model of any framework,
// without a training.
//
// It ties the other packages together and adds nothing to the method. Start with [Defaults] and [Run]; the record that
// Run returns is what package reports makes tables and plots of, and [Detector] is what a user ships.
package experiment
