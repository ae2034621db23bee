package statedict_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/models/statedict"
	"github.com/gomlx/gomlx/core/tensors"
)

// bytesWritten returns the bytes of a file that Write made.
func bytesWritten(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.safetensors")
	state := statedict.State{
		"conv1.weight": zeros(8, 3, 3, 3), "classifier.prototypes": zeros(10, 8),
		"bn1.num_batches_tracked": tensors.FromScalar(int64(7)),
	}
	if err := state.Write(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAFlippedBitIsRefused(t *testing.T) {
	whole, random := bytesWritten(t), rand.New(rand.NewPCG(1, 600))
	header := 8 + int(binary.LittleEndian.Uint64(whole))
	path, accepted := filepath.Join(t.TempDir(), "state.safetensors"), 0
	flip := func(bit int) {
		changed := bytes.Clone(whole)
		changed[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, changed, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := statedict.Read(path); err == nil {
			accepted++
			t.Errorf("bit %d of byte %d of %d flipped: no error", bit%8, bit/8, len(whole))
		}
	}
	for range 600 {
		flip(random.IntN(8 * len(whole)))
	}
	for position := range header {
		flip(8*position + random.IntN(8))
	}
	t.Logf("%d of %d flips accepted", accepted, 600+header)
}

func TestAFileOfAnotherWriterNeedsNoChecksum(t *testing.T) {
	for _, metadata := range []string{`{"format":"pt"}`, `{"producer":"other","sha256":"abc"}`, `{}`} {
		if _, err := readContent(t, content(`{"__metadata__":`+metadata+`,`+twoEntries[1:], 32)); err != nil {
			t.Errorf("metadata %s: %v", metadata, err)
		}
	}
	for _, metadata := range []string{`{"producer":"dismax"}`, `{"dismax_sha256":"abc"}`, `{"dismax_sha256":7}`} {
		_, err := readContent(t, content(`{"__metadata__":`+metadata+`,`+twoEntries[1:], 32))
		checkError(t, metadata, err, "state.safetensors", "checksum")
	}
}
