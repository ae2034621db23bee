package record

import (
	"bytes"
	"testing"

	"github.com/dismax-go/dismax/internal/seal"
)

// FuzzDecode reads records that nobody wrote, before the right checksum: what comes back is an error, or a record that is
// read as the same when it is written again.
func FuzzDecode(f *testing.F) {
	whole, err := encode(example())
	if err != nil {
		f.Fatal(err)
	}
	body, _, _ := bytes.Cut(whole, []byte(checksumField))
	f.Add(body, true)
	f.Add(whole, false)
	for _, text := range []string{
		``, `{`, `[]`, `{"format": 2`, `{"format": 2, "epochs": [null, {"validation": {}}]`, `{"format": 2, "later": {"a": [1]}`,
		`{"format": 2, "format": 3`, `{"format": 2, "sha256": "x"`, `{"format": 2, "spec": {"learning_rate": 1e999}`,
	} {
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, content []byte, sealed bool) {
		if sealed {
			content = append(append(append(bytes.Clone(content), checksumField...), seal.Placeholder...), checksumEnd...)
			seal.Seal(content, len(content)-len(checksumEnd)-seal.Size)
		}
		r, err := decode(content)
		if err != nil {
			return
		}
		again, err := encode(r)
		if err != nil {
			t.Fatalf("a record that was read cannot be written: %v", err)
		}
		if r, err = decode(again); err != nil {
			t.Fatalf("a record that was read and written cannot be read: %v\n%s", err, again)
		}
		if third, err := encode(r); err != nil || !bytes.Equal(third, again) {
			t.Errorf("a record changes when it is written again (%v):\n%s\n%s", err, again, third)
		}
	})
}
