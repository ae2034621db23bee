package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program builds the dismax program, which is removed after the test.
func program(t *testing.T) string {
	t.Helper()
	path, err := buildDisMax(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// script makes a program of shell commands in the place of dismax.
func script(t *testing.T, commands string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dismax")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+commands+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func smallStress() stressCommand {
	return stressCommand{
		Processes: 6, Steps: 20, Models: []string{"resnet8:8", "densenet-bc-40:2", "wideresnet-10-1:4"},
		Loss: []string{"dismax"}, Seeds: 1, Cores: []int{0, 3}, Limit: time.Minute, Backend: "goconv",
	}
}

func TestSixProcessesTrainWithoutTroubleAndEqualSeedsHaveEqualLosses(t *testing.T) {
	command := smallStress()
	summary, err := command.stress(t.Context(), program(t), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	if summary.processes != 6 || summary.kinds != 3 {
		t.Errorf("got %s, want 6 processes of 3 kinds", summary)
	}
}

func TestProcessesOfAKindRunOnEveryNumberOfCores(t *testing.T) {
	command := smallStress()
	command.Cores = []int{3, 5}
	seen := filepath.Join(t.TempDir(), "seen")
	program := script(t, fmt.Sprintf(`echo "$6 $GOMAXPROCS" >>%s; echo '{"format": 1, "results": [{"losses": [1]}]}'`, seen))
	if _, err := command.stress(t.Context(), program, func(string) {}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, model := range command.Models {
		for _, cores := range command.Cores {
			fmt.Fprintf(&want, "--models=%s %d\n", model, cores)
		}
	}
	if string(got) != want.String() {
		t.Errorf("got processes\n%swant\n%s", got, want.String())
	}
}

func TestStressNoticesTrouble(t *testing.T) {
	command := smallStress()
	command.Processes, command.Limit = 3, 500*time.Millisecond
	command.Models = command.Models[:1]
	for _, test := range []struct {
		name, program string
		want          stressSummary
		log           string
	}{
		{"hang", "exec sleep 60", stressSummary{processes: 3, hung: 3, kinds: 1}, "hung for 500ms"},
		{"crash", "echo out of luck >&2; exit 3", stressSummary{processes: 3, crashed: 3, kinds: 1}, "out of luck"},
		{"losses", `echo '{"format": 1, "results": [{"losses": ['$$']}]}'`,
			stressSummary{processes: 3, different: 2, kinds: 1}, "before they were"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log strings.Builder
			got, err := command.stress(t.Context(), script(t, test.program), func(line string) { log.WriteString(line) })
			if err == nil {
				t.Error("got no error, want one")
			}
			if *got != test.want {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
			if !strings.Contains(log.String(), test.log) {
				t.Errorf("the log lacks %q:\n%s", test.log, log.String())
			}
		})
	}
}
