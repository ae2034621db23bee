package endtoend

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/cli"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
)

// TestOneFlippedBitOfAnyFileIsSeen flips one bit at a time, at random places, of everything that a run and its exports
// leave, and reads the file as the commands do.
func TestOneFlippedBitOfAnyFileIsSeen(t *testing.T) {
	root := t.TempDir()
	run, detector, weights := filepath.Join(root, "run"), filepath.Join(root, "x.dismax"), filepath.Join(root, "x.safetensors")
	succeed(t, dismax(t, smallRun(run)...))
	succeed(t, dismax(t, "export", run, detector))
	succeed(t, dismax(t, "export", run, weights))
	checkpoints, err := filepath.Glob(filepath.Join(run, "checkpoint", "step-*"))
	if err != nil || len(checkpoints) == 0 {
		t.Fatal(checkpoints, err)
	}
	newest := checkpoints[len(checkpoints)-1]
	readWeights := func() error {
		_, err := experiment.Weights(run)
		return err
	}
	t.Setenv("GOMLX_BACKEND", "goconv")
	for _, test := range []struct {
		what, path string
		tries      int
		part       func(content []byte) (from, to int) // of the file; nil is all of it
		read       func() error
	}{
		{"a detector", detector, 250, nil, func() error {
			_, err := detect.Load(testkit.Backend(t), detector)
			return err
		}},
		{"a checkpoint's description", newest, 350, checkpointHeader, readWeights},
		{"a checkpoint", newest, 200, nil, readWeights},
		{"a record", filepath.Join(run, record.FileName), 600, nil, func() error {
			_, err := record.Read(run)
			return err
		}},
		{"logits", filepath.Join(run, "logits", "test.npy"), 600, nil, func() error {
			_, _, err := experiment.LoadLogits(run, "test")
			return err
		}},
		{"weights for PyTorch", weights, 600, nil, func() error {
			_, err := statedict.Read(weights)
			return err
		}},
		{"a checkpoint, in dismax export,", newest, 62, nil, func() error {
			return failureOf("export", run, filepath.Join(root, "y.dismax"))
		}},
	} {
		if err := test.read(); err != nil {
			t.Fatalf("%s, as it was written: %v", test.what, err)
		}
		accepted := 0
		eachFlip(t, test.path, test.tries, test.part, func(at int) {
			if test.read() == nil {
				accepted++
				t.Errorf("%s: a flipped bit of byte %d was accepted", test.what, at)
			}
		})
		t.Logf("figure: %d flipped bits of %s, %d accepted", test.tries, test.what, accepted)
	}
}

// failureOf runs the command in this process, where a panic would end the test, and returns what it says if it fails.
func failureOf(args ...string) error {
	var out, problems bytes.Buffer
	if cli.Main(context.Background(), args, &out, &problems) == 0 {
		return nil
	}
	return errors.New(strings.TrimSpace(problems.String()))
}

// checkpointHeader is the part of a checkpoint that describes it: after 20 bytes of magic the length, and then the text.
func checkpointHeader(content []byte) (from, to int) {
	const start = 28
	return start, start + int(binary.LittleEndian.Uint64(content[start-8:]))
}

// eachFlip changes one bit of the file at a time, and calls the function with the place.
func eachFlip(t *testing.T, path string, tries int, part func([]byte) (from, to int), see func(at int)) {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	from, to := 0, len(whole)
	if part != nil {
		from, to = part(whole)
	}
	random := rand.New(rand.NewPCG(uint64(tries), 3))
	for range tries {
		at := from + random.IntN(to-from)
		changed := bytes.Clone(whole)
		changed[at] ^= 1 << random.IntN(8)
		writeFile(t, path, changed)
		see(at)
	}
	writeFile(t, path, whole)
}
