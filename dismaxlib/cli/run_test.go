package cli

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestRunSaysThatItDoesNotReadData(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "goconv")
	for ood, want := range map[string]bool{"synthetic-far": true, "svhn": false} {
		var printed bytes.Buffer
		args := []string{"run", "--dataset", "synthetic", "--data", t.TempDir(), "--ood", ood, "--offline", "--batch-size", "500",
			"--train-limit", "100", "--test-limit", "10", "--out", filepath.Join(t.TempDir(), "out")} // ends before it trains
		Main(t.Context(), args, &printed, &printed)
		if got := strings.Contains(printed.String(), " is not read: "); got != want {
			t.Errorf("--ood %s: says that --data is not read: %t, want %t; it prints\n%s", ood, got, want, printed.String())
		}
	}
}

func TestAWrongChoiceNamesItsFlag(t *testing.T) {
	for line, says := range map[string]string{
		"--epochs 0":                     "--epochs: 0 epochs: want 1",
		"--learning-rate 0":              "--learning-rate: learning rate 0",
		"--batch-size 9999999":           "--batch-size: batches of",
		"--momentum 1":                   "--momentum: momentum 1",
		"--size 7":                       "--size: images of 7 pixels",
		"--validation-share 1":           "--validation-share: validation share 1",
		"--label-smoothing 1":            "--label-smoothing: label smoothing 1",
		"--schedule cosine --warmup 300": "--warmup: a warm-up of 300",
		"--warmup 3":                     "--warmup: a warm-up of 3",
		"--drops 50 --epochs 10":         "--drops: drops of the learning rate at the epochs [50]: want epochs that ascend, 0 to 9",
		"--drops 3,1":                    "--drops: drops of the learning rate at the epochs [3 1]",
		"--best --protocol paper":        "--best: the best epoch",
		"--held-out-beyond-limit":        "--held-out-beyond-limit: held-out images",
		"--criterion brier":              "--criterion: unknown",
		"--model resnet51":               "--model: unknown model",
		"--loss hinge":                   "--loss: unknown loss",
		"--protocol mine":                "--protocol: unknown protocol",
		"--border red":                   `--border must be one of "black","mean"`,
		"--schedule linear":              `--schedule must be one of "drops","cosine"`,
		"--seed=-1x":                     "--seed",
	} {
		var printed bytes.Buffer
		args := append([]string{"run", "--out", filepath.Join(t.TempDir(), "out")}, strings.Fields(line)...)
		if status := Main(t.Context(), args, &printed, &printed); status != exitUsage || !strings.Contains(printed.String(), says) {
			t.Errorf("run %s: exit status %d, want %d and an error that says %q, got %s", line, status, exitUsage, says, printed.String())
		}
	}
}

func TestDropsOfARecordGiveWayToEpochs(t *testing.T) {
	folder := t.TempDir()
	spec := experiment.Defaults("synthetic", "resnet8", "softmax", 15)
	spec.LearningRateDrops = []int{7, 10, 12}
	if err := record.Write(folder, &record.Record{Spec: spec}); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string][]int{"": {7, 10, 12}, "--epochs 3": nil, "--epochs 30 --drops 9": {9}} {
		var command struct {
			Run runCommand `cmd:""`
		}
		parser, err := kong.New(&command, kong.Vars(vars()))
		if err == nil {
			_, err = parser.Parse(append([]string{"run", "--out", "x", "--spec", folder}, strings.Fields(line)...))
		}
		if err != nil || !slices.Equal(command.Run.Drops, want) {
			t.Errorf("run --spec RECORD %s: got the drops %v (error: %v), want %v", line, command.Run.Drops, err, want)
		}
	}
}
