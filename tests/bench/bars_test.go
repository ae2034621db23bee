package main

import (
	"strings"
	"testing"
)

func TestTheFastestModeOfPyTorchCounts(t *testing.T) {
	c := exampleComparison()
	eachMeasurement(c, func(m *measurement) {
		if m.Engine == "goconv" {
			m.Result.Train.WallSeconds /= 2
			m.Result.Inference.WallSeconds /= 3
		}
	})
	var out strings.Builder
	if err := verdict(&out, c); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	const want = `kept:   resnet20:32, goconv: training 0.75 times torch-compile (at most 0.9)
kept:   resnet20:32, goconv: inference 0.50 times torch-compile (at most 0.9)
kept:   resnet20:32, goconv: 200 MB (at most 400)
kept:   resnet34:16, xla:jaxlib: training 1.05 times jax (at most 1.1)
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMissedBarsAreNamedAndAnError(t *testing.T) {
	for name, test := range map[string]struct {
		change measurement
		want   string
	}{
		"training": {measured("goconv", "resnet20", 32, 1, 1, 2e8),
			"MISSED: resnet20:32, goconv: training 7.00 times torch-compile"},
		"inference": {measured("goconv", "resnet20", 32, 1, 1, 2e8),
			"MISSED: resnet20:32, goconv: inference 7.00 times torch-compile"},
		"memory": {measured("goconv", "resnet20", 32, 1, 0.1, 5e8), "MISSED: resnet20:32, goconv: 500 MB (at most 400)"},
		"unknown memory": {measured("goconv", "resnet20", 32, 1, 0.1, 0),
			"MISSED: resnet20:32, goconv: unknown memory (at most 400 MB)"},
		"JAX": {measured(jaxlibPlugin, "resnet34", 16, 1, 1.3, 0), "MISSED: resnet34:16, xla:jaxlib: training 1.18 times jax"},
	} {
		t.Run(name, func(t *testing.T) {
			c := exampleComparison()
			c.add(test.change)
			var out strings.Builder
			if err := verdict(&out, c); err == nil {
				t.Error("got no error, want one")
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("the verdict lacks %q:\n%s", test.want, out.String())
			}
		})
	}
}

func TestBarsAreOfFloat32AndDisMaxOnCPUs(t *testing.T) {
	for name, change := range map[string]func(c *comparison){
		"a GPU":    func(c *comparison) { c.Machine.GPU = "big" },
		"bfloat16": func(c *comparison) { eachMeasurement(c, func(m *measurement) { m.Precision = "bfloat16" }) },
		"SoftMax":  func(c *comparison) { eachMeasurement(c, func(m *measurement) { m.Loss = "softmax" }) },
	} {
		c := exampleComparison()
		change(c)
		var out strings.Builder
		if err := verdict(&out, c); err != nil || out.String() != "" {
			t.Errorf("%s: got error %v and verdict\n%s\nwant none", name, err, out.String())
		}
	}
}

func eachMeasurement(c *comparison, change func(m *measurement)) {
	for i := range c.Measurements {
		change(&c.Measurements[i])
	}
}
