// Command licences prints, as a table, the licences of the modules that the packages of the module in the current folder
// and their tests are built of. The exit status is 1 if one has none that is known to go with the Apache License. It is
// what "make licences" runs.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/licensecheck"
)

// compatible are the licences, by their SPDX names, that ask for no more than notices. Of several licences of a module
// one must be among them.
var compatible = []string{
	"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "FTL", "ISC", "MIT", "MPL-2.0", "OFL-1.1",
	"Unlicense", "Zlib",
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run() error {
	listed, err := exec.Command("go", "list", "-deps", "-test",
		"-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./...").Output()
	if err != nil {
		return fmt.Errorf("listing the modules: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(listed)), "\n")
	slices.Sort(lines)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODULE\tVERSION\tLICENCES")
	var modules, unclear []string
	for _, line := range slices.Compact(lines) {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			continue // packages of the standard library and of the module itself
		}
		found, err := licencesOf(fields[2])
		if err != nil {
			return fmt.Errorf("module %s: %w", fields[0], err)
		}
		modules = append(modules, fields[0])
		fmt.Fprintf(table, "%s\t%s\t%s\n", fields[0], fields[1], strings.Join(found, ", "))
		if !slices.ContainsFunc(found, func(name string) bool { return slices.Contains(compatible, name) }) {
			unclear = append(unclear, fields[0])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(unclear) > 0 {
		return fmt.Errorf("no licence that is known to fit: %s", strings.Join(unclear, ", "))
	}
	fmt.Printf("%d licences of modules, all of which fit\n", len(modules))
	return nil
}

// licenceFile matches the names of files that hold licences.
var licenceFile = regexp.MustCompile(`(?i)^(LICEN[CS]E|COPYING|UNLICENSE)`)

// licencesOf returns the names of the licences in a module's folder, or in its folder "licenses".
func licencesOf(folder string) (names []string, err error) {
	if folder == "" {
		return nil, errors.New("its source is not here: go mod download fetches it")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return nil, err
	}
	choices, err := filepath.Glob(filepath.Join(folder, "licenses", "*.txt"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if licenceFile.MatchString(filepath.Base(path)) {
			choices = append(choices, path)
		}
	}
	for _, path := range choices {
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, match := range licensecheck.Scan(text).Match {
			if !match.IsURL {
				names = append(names, match.ID)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
