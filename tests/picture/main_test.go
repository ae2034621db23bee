package main

import (
	"os"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/pretrained"
	"github.com/dismax-go/dismax/tests/testkit"
)

func TestVerdictsSayWhatIsRight(t *testing.T) {
	for _, test := range []struct {
		truth  string
		answer detect.Answer
		want   string
	}{
		{"cat", detect.Answer{ClassName: "cat", Probability: 0.9, In: true}, "cat\ncat 90%\nin: right"},
		{"cat", detect.Answer{ClassName: "dog", Probability: 0.9, In: true}, "cat\ndog 90%\nin: wrong"},
		{"cat", detect.Answer{ClassName: "cat", Probability: 0.4}, "cat\ncat 40%\nout: wrong"},
		{unknown, detect.Answer{ClassName: "cat", Probability: 0.4}, "TinyImageNet\ncat 40%\nout: right"},
		{unknown, detect.Answer{ClassName: "cat", Probability: 1, In: true}, "TinyImageNet\ncat 100%\nin: wrong"},
	} {
		if got := verdict(test.truth, test.answer); got != test.want {
			t.Errorf("%s, %+v: got %q, want %q", test.truth, test.answer, got, test.want)
		}
	}
}

func TestREADMESaysWhatTheDetectorMeasured(t *testing.T) {
	detector, err := pretrained.CIFAR10(testkit.Backend(t))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pretrained.Record()
	if err != nil {
		t.Fatal(err)
	}
	want := caption(detector, r)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not hold what make picture prints:\n%s", want)
	}
	if _, err := os.Stat("../../reports/measured/detector.png"); err != nil {
		t.Errorf("make picture draws it: %v", err)
	}
}
