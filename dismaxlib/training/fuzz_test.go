package training_test

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

// FuzzWeights reads headers and values that nobody wrote, behind the right magic and before the right checksum: what
// comes back is an error, or a store of no more bytes than the file. To fuzz for a while:
//
//	go test ./dismaxlib/training -run '^$' -fuzz FuzzWeights -fuzztime 10s -fuzzminimizetime 20x
func FuzzWeights(f *testing.F) {
	const magic = "dismax checkpoint 1\n"
	for _, variables := range []string{
		``,
		`{"path":"/w","dtype":"Float32","dimensions":[2,1],"trainable":true}`,
		`{"path":"/w","dtype":"Int64","dimensions":[]}`,
		`{"path":"/w","dtype":"Uint4","dimensions":[16]}`,
		`{"path":"/w","dtype":"Float64","dimensions":[4611686018427387904,4]}`,
		`{"path":"/w","dtype":"Float32","dimensions":[-1,-2]}`,
		`{"path":"/w","dtype":"Float32","dimensions":[1]},{"path":"/w","dtype":"Float32","dimensions":[1]}`,
		`{"path":"w","dtype":"Complex64","dimensions":[1]}`,
	} {
		f.Add([]byte(`{"progress":{"step":1},"variables":[`+variables+`]}`), make([]byte, 8), false)
	}
	f.Add([]byte(`{}`), []byte{}, true)
	folder := f.TempDir()
	path := filepath.Join(folder, "step-00000001.checkpoint")
	f.Fuzz(func(t *testing.T, header, values []byte, longer bool) {
		length := uint64(len(header))
		if longer {
			length += 1 << 62
		}
		content := binary.LittleEndian.AppendUint64([]byte(magic), length)
		content = append(append(content, header...), values...)
		sum := sha256.Sum256(content)
		if err := os.WriteFile(path, append(content, sum[:]...), 0o644); err != nil {
			t.Fatal(err)
		}
		store, err := training.Weights(folder)
		if err != nil {
			return
		}
		if store.ByteSize() > int64(len(values)) {
			t.Errorf("%d bytes of variables from %d bytes", store.ByteSize(), len(values))
		}
		if longer {
			t.Error("a header that is longer than the file was read")
		}
	})
}
