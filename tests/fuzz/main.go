// Command fuzz runs all fuzz targets of the repository, one after the other, and prints a line for each and the totals:
//
//	go run ./tests/fuzz --time 10s
//
// A target that ran on fewer inputs than --least in its time runs on that many more. The exit status is 1 if one fails.
// What fails is kept by Go as a file below testdata/fuzz, beside the test.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func main() {
	duration := flag.Duration("time", 10*time.Minute, "how long each target runs")
	least := flag.Int("least", 1000, "how many inputs each target must run on, at least")
	match := flag.String("match", "", "run only targets whose package and name match this regular expression")
	flag.Parse()
	if err := run(*duration, *least, *match); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration, least int, match string) error {
	wanted, err := regexp.Compile(match)
	if err != nil {
		return fmt.Errorf("--match: %w", err)
	}
	listed, err := exec.Command("go", "test", "-vet=off", "-list", "^Fuzz", "./...").Output()
	if err != nil {
		return fmt.Errorf("listing the targets: %w: %s", err, outputOf(err))
	}
	failed, ran, all := 0, 0, 0
	for _, t := range targets(string(listed)) {
		if !wanted.MatchString(t.String()) {
			continue
		}
		ran++
		inputs, err := t.fuzz(duration.String())
		if err == nil && inputs < least {
			var more int
			more, err = t.fuzz(fmt.Sprintf("%dx", least))
			inputs += more
		}
		all += inputs
		verdict := "ok"
		if err != nil {
			failed++
			verdict = "FAILED: " + err.Error()
		}
		fmt.Printf("%-80s %10d inputs  %s\n", t, inputs, verdict)
	}
	fmt.Printf("%d fuzz targets, %d inputs, %d failed\n", ran, all, failed)
	if failed > 0 || ran == 0 {
		return fmt.Errorf("%d of %d targets failed", failed, ran)
	}
	return nil
}

// target is one fuzz target.
type target struct{ pkg, name string }

func (t target) String() string { return t.pkg + "." + t.name }

// targets reads the output of go test -list: the names of a package's targets, and then the package.
func targets(listed string) (all []target) {
	var names []string
	for line := range strings.Lines(listed) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			names = append(names, fields[0])
		case len(fields) > 1 && fields[0] == "ok":
			for _, name := range names {
				all = append(all, target{fields[1], name})
			}
			names = nil
		}
	}
	return all
}

var executions = regexp.MustCompile(`execs: (\d+)`)

// fuzz runs the target for a time, "10s", or a number of inputs, "1000x". Minimizing an input that covers more is
// bounded, else it takes most of a short run.
func (t target) fuzz(budget string) (inputs int, err error) {
	output, err := exec.Command("go", "test", "-vet=off", "-run", "^$", "-fuzz", "^"+t.name+"$",
		"-fuzztime", budget, "-fuzzminimizetime", "20x", t.pkg).CombinedOutput()
	if matches := executions.FindAllSubmatch(output, -1); matches != nil {
		inputs, _ = strconv.Atoi(string(matches[len(matches)-1][1]))
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, output)
	}
	return inputs, err
}

// outputOf is what a command that failed wrote to standard error.
func outputOf(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(exit.Stderr)
	}
	return ""
}
