package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`. Build errors come with an ImportPath instead of a
// Package. Test is empty in events about a whole package.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// summary counts tests, subtests included, as the events arrive.
type summary struct {
	out          io.Writer
	forbid       []string
	counts                // of the stage under way
	stage        string   // its name, "" if there are no stages
	stages       []string // the lines of those before
	all          counts   // of the stages before
	packages     int
	skips        []skip
	figures      []string                       // what tests that passed counted
	output       map[[2]string]*strings.Builder // of tests that have not ended, by package and test
	failedTestIn map[string]bool                // packages
}

// counts are numbers of tests.
type counts struct{ passed, failed, skipped int }

func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// skip is one or several tests that were skipped by the same line of a test file.
type skip struct {
	test, reason string
	place        string // the outermost test, and the file and line in the reason
	more         int    // further tests
}

func newSummary(out io.Writer, forbid ...string) *summary {
	forbid = slices.DeleteFunc(forbid, func(text string) bool { return text == "" })
	return &summary{
		out: out, forbid: forbid, output: make(map[[2]string]*strings.Builder), failedTestIn: make(map[string]bool),
	}
}

// stageMark begins a line that names the stage of the events after it.
const stageMark = "stage: "

// read handles all events. A line that is no event (go's own complaint) is printed as it is.
func (s *summary) read(events io.Reader) error {
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if stage, begins := strings.CutPrefix(lines.Text(), stageMark); begins {
			s.endStage()
			s.stage = stage
			fmt.Fprintln(s.out, lines.Text())
			continue
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(s.out, lines.Text())
			continue
		}
		s.handle(e)
	}
	return lines.Err()
}

func (s *summary) handle(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "output":
		if s.output[key] == nil {
			s.output[key] = new(strings.Builder)
		}
		s.output[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		text := ""
		if builder := s.output[key]; builder != nil {
			text = builder.String()
			delete(s.output, key)
		}
		if e.Test == "" {
			s.endPackage(e, text)
		} else {
			s.endTest(e, text)
		}
	}
}

func (s *summary) endTest(e event, output string) {
	switch {
	case e.Action == "pass":
		s.passed++
		s.addFigures(output)
	case e.Action == "fail":
		s.failed++
		s.failedTestIn[e.Package] = true
		fmt.Fprint(s.out, output)
	case slices.ContainsFunc(s.forbid, func(text string) bool { return strings.Contains(output, text) }):
		s.failed++
		fmt.Fprintf(s.out, "--- FAIL: %s must not be skipped here: %s\n", e.Test, reason(output))
	default:
		s.skipped++
		s.addSkip(e.Test, reason(output))
	}
}

// figureMark begins what a test logs of its figures, for the end of the summary.
const figureMark = "figure: "

// addFigures keeps the figures in the output of a test.
func (s *summary) addFigures(output string) {
	for line := range strings.Lines(output) {
		if _, figure, found := strings.Cut(line, figureMark); found {
			s.figures = append(s.figures, strings.TrimSpace(figure))
		}
	}
}

func (s *summary) addSkip(test, reason string) {
	outermost, _, _ := strings.Cut(test, "/")
	place := outermost + " " + strings.SplitN(reason, ": ", 2)[0]
	for i := range s.skips {
		if s.skips[i].place == place {
			s.skips[i].more++
			return
		}
	}
	s.skips = append(s.skips, skip{test: test, reason: reason, place: place})
}

// endPackage prints the line that `go test` prints for a package; a package that failed outside of its tests (it does
// not build, it panicked) shows everything it said, and counts as one failure.
func (s *summary) endPackage(e event, output string) {
	s.packages++
	if e.Action == "fail" && !s.failedTestIn[e.Package] {
		s.failed++
		for key, unfinished := range s.output {
			if key[0] == e.Package {
				fmt.Fprint(s.out, unfinished)
			}
		}
		fmt.Fprint(s.out, output)
		return
	}
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "ok") || strings.HasPrefix(line, "FAIL\t") {
			fmt.Fprint(s.out, line)
		}
	}
}

// endStage keeps the counts of the stage under way.
func (s *summary) endStage() {
	if s.stage != "" {
		s.stages = append(s.stages, fmt.Sprintf("on %s, %s", s.stage, s.counts))
	}
	s.all = counts{s.all.passed + s.passed, s.all.failed + s.failed, s.all.skipped + s.skipped}
	s.counts, s.failedTestIn = counts{}, make(map[string]bool)
}

// close prints the reasons of skipped tests and the counts, and reports whether all is well.
func (s *summary) close() bool {
	for _, skip := range s.skips {
		more := ""
		if skip.more > 0 {
			more = fmt.Sprintf(" and %d more", skip.more)
		}
		fmt.Fprintf(s.out, "skipped %s%s: %s\n", skip.test, more, skip.reason)
	}
	for _, figure := range s.figures {
		fmt.Fprintln(s.out, figure)
	}
	if s.packages == 0 {
		fmt.Fprintln(s.out, "no test ran")
		s.failed++
	}
	s.endStage()
	for _, line := range s.stages {
		fmt.Fprintln(s.out, line)
	}
	fmt.Fprintln(s.out, s.all)
	return s.all.failed == 0
}

// reason takes what a skipped test said from its output: what is neither a "=== RUN" nor a "--- SKIP" line.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
