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
	found, err := targets()
	if err != nil {
		return fmt.Errorf("listing the targets: %w", err)
	}
	failed, ran, all := 0, 0, 0
	for _, t := range found {
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

// testFiles makes go list print the package and the path of each of its test files, one a line.
const testFiles = `{{$p := .}}{{range .TestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}
{{end}}{{range .XTestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}
{{end}}`

// targets finds all targets of the module, without building any.
func targets() (all []target, err error) {
	listed, err := exec.Command("go", "list", "-f", testFiles, "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, outputOf(err))
	}
	for line := range strings.Lines(string(listed)) {
		pkg, path, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, targetsIn(pkg, string(source))...)
	}
	return all, nil
}

var declaration = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)

// targetsIn finds the targets in a test file.
func targetsIn(pkg, source string) (all []target) {
	for _, match := range declaration.FindAllStringSubmatch(source, -1) {
		all = append(all, target{pkg, match[1]})
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
