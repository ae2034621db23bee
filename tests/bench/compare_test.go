package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// countedScript is a dismax program that counts its starts in the file and prints a result of resnet8.
func countedScript(t *testing.T) (program, starts string) {
	t.Helper()
	starts = filepath.Join(t.TempDir(), "starts")
	return script(t, fmt.Sprintf(`echo "$4" >>%s
echo '{"format": 1, "results": [{"model": "resnet8", "batch": 2, "loss": "dismax", "parameters": 7, "losses": [2, 1],
	"train": {"wall_seconds": 0.5}, "first_step_seconds": 1}]}'`, starts)), starts
}

// smallComparison measures resnet8 with the program in the place of dismax, on goconv and in two rounds.
func smallComparison(t *testing.T, program string) *compareCommand {
	t.Helper()
	return &compareCommand{
		Rounds: 2, Only: []string{"resnet8:2"}, Engines: []string{"goconv"}, Device: "cpu", Precision: []string{"float32"},
		Loss: "dismax", TimeLimit: time.Minute, Out: filepath.Join(t.TempDir(), "bench.json"), Program: program,
		References: ".",
	}
}

func lineCount(t *testing.T, path string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(content), "\n")
}

func TestWhatTheRecordHoldsIsNotMeasuredAgain(t *testing.T) {
	program, starts := countedScript(t)
	command := smallComparison(t, program)
	for _, test := range []struct {
		name   string
		rounds int
		again  bool
		starts int // in all
	}{
		{"two rounds", 2, false, 2},
		{"the same", 2, false, 2},
		{"one round more", 3, false, 3},
		{"again", 3, true, 6},
	} {
		command.Rounds, command.Again = test.rounds, test.again
		if err := command.Run(t.Context()); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := lineCount(t, starts); got != test.starts {
			t.Errorf("%s: %d processes were started until then, want %d", test.name, got, test.starts)
		}
	}
	c, err := readComparison(command.Out)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Measurements) != 3 || len(c.Sessions) != 3 {
		t.Errorf("got %d measurements in %d sessions, want 3 in 3", len(c.Measurements), len(c.Sessions))
	}
}

func TestAFailureIsRecordedAndItsFurtherRoundsAreLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		commands, want string
	}{
		"crash":        {"echo a long story >&2; echo out of luck >&2; exit 3", "out of luck (exit status 3)"},
		"hang":         {"exec sleep 60", "took longer than 500ms"},
		"no result":    {"echo 1", "not a bench record"},
		"loss is lost": {`echo '{"format": 1, "results": [{"losses": []}]}'`, "its losses are []"},
	} {
		t.Run(name, func(t *testing.T) {
			command := smallComparison(t, script(t, test.commands))
			command.TimeLimit = 500 * time.Millisecond
			if err := command.Run(t.Context()); err == nil {
				t.Error("ours could not be measured, and there is no error")
			}
			c, err := readComparison(command.Out)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Measurements) != 1 || !strings.Contains(c.Measurements[0].Failure, test.want) {
				t.Errorf("got %+v, want one failure with %q", c.Measurements, test.want)
			}
		})
	}
}

func TestDifferentNetworksAreAnError(t *testing.T) {
	program, _ := countedScript(t)
	command := smallComparison(t, program)
	command.Engines = append(command.Engines, "torch")
	command.Python = script(t, `echo '{"versions": "torch 2", "parameters": 8, "losses": [1], "train": {"wall_seconds": 1}}'`)
	err := command.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "they are different networks") {
		t.Errorf("got error %v, want that the networks differ", err)
	}
}

func TestEnginesThatAreNotHereAreLeftOut(t *testing.T) {
	program, starts := countedScript(t)
	command := smallComparison(t, program)
	command.Engines = []string{"torch", "xla:/nowhere/plugin.so", "goconv"}
	command.Python = "/nowhere/python"
	if err := command.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := lineCount(t, starts); got != command.Rounds {
		t.Errorf("%d processes were started, want %d", got, command.Rounds)
	}
	command.Engines = []string{"jax"}
	if err := command.Run(t.Context()); err == nil {
		t.Error("no engine can measure, and there is no error")
	}
}

func TestEverythingIsMeasuredRoundByRound(t *testing.T) {
	command := &compareCommand{Rounds: 2, Only: []string{"resnet20", "resnet34:64"}, Loss: "softmax", Precision: []string{"float32"}}
	chosen, err := command.workloads()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, j := range command.plan(chosen) {
		got = append(got, fmt.Sprintf("%s, %s, %d steps", j, j.Loss, j.Steps))
	}
	want := []string{
		"resnet20:32 in float32, round 1, softmax, 20 steps", "resnet34:64 in float32, round 1, softmax, 3 steps",
		"resnet20:32 in float32, round 2, softmax, 20 steps", "resnet34:64 in float32, round 2, softmax, 3 steps",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMistakenOptionsAreRefused(t *testing.T) {
	for name, command := range map[string]compareCommand{
		"no round":        {Rounds: 0},
		"no steps":        {Rounds: 1, Steps: -1},
		"TF32 of a CPU":   {Rounds: 1, Device: "cpu", Precision: []string{"tf32"}},
		"unknown network": {Rounds: 1, Only: []string{"vgg:3"}},
		"unknown engine":  {Rounds: 1, Engines: []string{"goconv", "torchy"}},
	} {
		command.Loss = "dismax"
		if chosen, err := command.workloads(); err == nil {
			t.Errorf("%s: got %v and no error", name, chosen)
		}
	}
}
