// Package show is what notebooks need besides the library: plots, tables and pictures shown inline, the paper's numbers,
// the committed runs, and the choice of images, scale and folders that is the same in all of them. It holds nothing of
// the method.
//
// Its functions end the cell with the error when there is one, as a notebook should: Jupyter shows it and stops. Start
// with display.go for what is shown, with run.go for what is trained.
package show

import "log"

// Must returns the value, or ends the cell with the error.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check ends the cell if there is an error.
func Check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
