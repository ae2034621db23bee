package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/bench"
)

// formatVersion is written into every record; another one is refused.
const formatVersion = 1

// comparison is the record: every measurement of every round, and where it was made.
type comparison struct {
	Format       int           `json:"format"`
	Machine      machine       `json:"machine"`
	Sessions     []session     `json:"sessions"` // more than one if the comparison was interrupted
	Measurements []measurement `json:"measurements"`
}

// machine is what computes.
type machine struct {
	Processor    string   `json:"processor"` // with its number of cores
	Instructions []string `json:"instructions"`
	GPU          string   `json:"gpu,omitempty"`
}

// session is one start of the comparison. Loads are the machine's mean numbers of running processes in a minute; -1:
// unknown.
type session struct {
	Started    time.Time `json:"started"`
	Ended      time.Time `json:"ended,omitzero"`
	LoadBefore float64   `json:"load_before"`
	LoadAfter  float64   `json:"load_after"`
}

// measurement is what one process measured, or why it could not.
type measurement struct {
	job
	Engine   string        `json:"engine"`
	Versions string        `json:"versions"` // of what measured
	Started  time.Time     `json:"started"`
	Result   *bench.Result `json:"result,omitempty"`  // without losses
	Failure  string        `json:"failure,omitempty"` // "" if there is a result
}

// job is one thing to measure.
type job struct {
	bench.Case
	Precision string `json:"precision"` // float32, tf32 or bfloat16
	Round     int    `json:"round"`     // from 1
	Warmup    int    `json:"warmup"`
	Steps     int    `json:"steps"`
}

// String is "resnet20:32 in float32, round 1".
func (j job) String() string { return fmt.Sprintf("%s in %s, round %d", j.Case, j.Precision, j.Round) }

// thisMachine describes this machine, with its GPU if that is measured.
func thisMachine(gpu bool) machine {
	m := machine{Processor: backend.Processor(), Instructions: vectorInstructions()}
	if gpu {
		m.GPU = gpuName()
	}
	return m
}

// vectorInstructions are the processor's sets of vector instructions in Linux's names.
func vectorInstructions() []string {
	content, _ := os.ReadFile("/proc/cpuinfo") // elsewhere they are not known
	for line := range strings.Lines(string(content)) {
		if key, flags, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "flags" {
			return slices.DeleteFunc(strings.Fields(flags), func(flag string) bool {
				return !strings.HasPrefix(flag, "avx") && !strings.HasPrefix(flag, "amx") && flag != "fma"
			})
		}
	}
	return nil
}

// readComparison reads a record. One that is not there is an error that wraps [fs.ErrNotExist].
func readComparison(path string) (*comparison, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a comparison: %w", err)
	}
	var c comparison
	if err := json.Unmarshal(content, &c); err != nil {
		return nil, fmt.Errorf("%s is not the record of a comparison: %w", path, err)
	}
	if c.Format != formatVersion {
		return nil, fmt.Errorf("%s is a comparison of format %d, this program reads %d: measure again, or name another --out",
			path, c.Format, formatVersion)
	}
	return &c, nil
}

// resume reads the record at path, or begins one. A record of another machine is refused.
func resume(path string, here machine) (*comparison, error) {
	c, err := readComparison(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &comparison{Format: formatVersion, Machine: here}, nil
	case err != nil:
		return nil, err
	case c.Machine.Processor != here.Processor || c.Machine.GPU != here.GPU:
		return nil, fmt.Errorf("%s was measured on %s %s, this is %s %s: name another --out",
			path, c.Machine.Processor, c.Machine.GPU, here.Processor, here.GPU)
	}
	return c, nil
}

// write stores the record, and makes its folder if need be.
func (c *comparison) write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", " ")
		return encoder.Encode(c)
	})
}

// has reports whether the job was measured with the engine.
func (c *comparison) has(engine string, j job) bool {
	return slices.ContainsFunc(c.Measurements, func(m measurement) bool {
		return m.Engine == engine && m.job == j && m.Result != nil
	})
}

// add puts the measurement in the place of the one of the same engine, case, precision and round, if there is one.
func (c *comparison) add(made measurement) {
	c.Measurements = slices.DeleteFunc(c.Measurements, func(m measurement) bool {
		return m.Engine == made.Engine && m.Case == made.Case && m.Precision == made.Precision && m.Round == made.Round
	})
	c.Measurements = append(c.Measurements, made)
}

// note puts the session that is under way into the record.
func (c *comparison) note(now session) {
	now.Ended, now.LoadAfter = time.Now().UTC().Truncate(time.Second), bench.Load()
	if last := len(c.Sessions) - 1; last >= 0 && c.Sessions[last].Started.Equal(now.Started) {
		c.Sessions[last] = now
		return
	}
	c.Sessions = append(c.Sessions, now)
}

// forget removes what the engines would measure, so that it is measured anew.
func (c *comparison) forget(engines []engine, plan []job) {
	c.Measurements = slices.DeleteFunc(c.Measurements, func(m measurement) bool {
		return slices.ContainsFunc(engines, func(e engine) bool { return e.name == m.Engine }) &&
			slices.Contains(plan, m.job)
	})
}
