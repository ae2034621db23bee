package main

import (
	"strings"
	"testing"
)

func TestErrorsOfAllEnginesAreThoseOfFloat32(t *testing.T) {
	command := errorsCommand{Python: pythonWith(t, "torch"), References: "."}
	measured, err := command.measure(t.Context(), square3x3{batch: 4, size: 8, inputs: 32, outputs: 40})
	if err != nil {
		t.Fatal(err)
	}
	for result, title := range resultTitles {
		for engine, e := range measured[result] {
			if !(e > 1e-8 && e < 2e-6) {
				t.Errorf("%s, engine %d: got a relative error of %.2g, want one of float32's rounding", title, engine, e)
			}
		}
	}
}

func TestErrorsSayWhatToDoWithoutPyTorch(t *testing.T) {
	command := errorsCommand{Python: script(t, "echo no module named torch >&2; exit 1"), References: "."}
	_, err := command.measure(t.Context(), square3x3{batch: 1, size: 4, inputs: 2, outputs: 3})
	if err == nil || !strings.Contains(err.Error(), "no module named torch") || !strings.Contains(err.Error(), "make ") {
		t.Errorf("got error %v, want Python's and the command that installs PyTorch", err)
	}
}
