package detect

import (
	"bytes"
	"testing"

	"github.com/dismax-go/dismax/internal/seal"
	"github.com/dismax-go/dismax/tests/testkit"
)

// FuzzManifest reads detectors of outputs whose manifests nobody wrote, before the right checksum: what comes back is an
// error, or a detector.
func FuzzManifest(f *testing.F) {
	const outputs = `{"format": 2, "class_names": ["a", "b"], "score": "MPS", "threshold": 1, "temperature": 1`
	for _, manifest := range []string{
		outputs + `}`, outputs + `, "fitted": ["../../x"]}`, outputs + `, "network": {"model": "resnet8", "loss": "dismax"}}`,
		outputs + `, "network": null, "weights": ["/backbone/x"]}`, `{"format": 2, "class_names": null}`, `[]`, `{"format": 2.0}`,
		outputs + `, "temperature": -1}`, outputs + `, "score_parameters": {"x": 1}}`,
	} {
		f.Add([]byte(manifest))
	}
	backend := testkit.Backend(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		content, err := encodeZip(manifest{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		content = rewritten(t, content, manifestName, func([]byte) []byte { return append([]byte{}, text...) })
		d, err := decode(backend, content)
		if err != nil {
			return
		}
		if len(d.ClassNames()) == 0 || d.Score() == nil || !(d.Temperature() > 0) {
			t.Errorf("%s: a detector of the classes %v, score %v and temperature %g", text, d.ClassNames(), d.Score(), d.Temperature())
		}
	})
}

// FuzzSealed is [FuzzDecode] with the right checksum.
func FuzzSealed(f *testing.F) {
	f.Add(savedDetector(f))
	f.Add(bytes.Repeat([]byte{'0'}, seal.Size))
	backend := testkit.Backend(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		content = bytes.Clone(content)
		if at := len(content) - seal.Size; at >= 0 {
			seal.Seal(content, at)
		}
		_, _ = decode(backend, content)
	})
}
