package cli

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongLinesSayWhatToWrite(t *testing.T) {
	t.Setenv("DISMAX_DATA", filepath.Join(t.TempDir(), "none"))
	out := filepath.Join(t.TempDir(), "out")
	for line, says := range map[string]string{
		"run --seed -1 --out x":                  "--seed -1: a value that begins with a dash is joined to its flag: --seed=-1 (see dismax run --help)",
		"grid status":                            "(see dismax grid status --help)",
		"trian":                                  "(see dismax --help)",
		"verify nope":                            "nope: there is no such file or folder: name the folder of a run, a record, a detector",
		"report nope":                            "nope: there is no such file or folder: name the folder of a run",
		"report --ensemble --convention field .": "can't be used together",
		"report --convention x .":                `--convention: unknown convention "x": choose "paper" or "field"`,
		"rerun nope --out x":                     "nope: there is no such file or folder: name the folder of a run",
		"run --spec nope --out x":                "--spec nope: there is no such file or folder: name the folder of a run",
		"run --dataset cifar10 --offline --out " + out: "$DISMAX_DATA: cannot read the data",
	} {
		var out, problems bytes.Buffer
		status := Main(t.Context(), strings.Fields(line), &out, &problems)
		if status != exitUsage && status != exitFailure || !strings.Contains(problems.String(), says) {
			t.Errorf("dismax %s: exit status %d, want an error that says %q, got\n%s", line, status, says, problems.String())
		}
	}
}

func TestHelpAndVersionAreCommandsToo(t *testing.T) {
	for line, flag := range map[string]string{"help": "--help", "help run": "run --help", "version": "--version"} {
		var got, want bytes.Buffer
		status := Main(t.Context(), strings.Fields(line), &got, &got)
		if Main(t.Context(), strings.Fields(flag), &want, &want); status != 0 || got.String() != want.String() {
			t.Errorf("dismax %s: exit status %d, want what dismax %s prints, got\n%s", line, status, flag, got.String())
		}
	}
}

func TestScoresOfOneColumnHaveEquallyManyDecimals(t *testing.T) {
	for _, test := range []struct {
		score, threshold float64
		want             string
	}{
		{-15.53, -15.601, "-15.530"}, {0.5, 0.04321, "0.500000"}, {3, 0, "3.0000"}, {-123456.7, -98765, "-123457"}, {1e-9, 1e-20, "0.000000001000"},
	} {
		if got := scoreText(test.score, test.threshold); got != test.want {
			t.Errorf("score %g beside the threshold %g: got %s, want %s", test.score, test.threshold, got, test.want)
		}
	}
}
