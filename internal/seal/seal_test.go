package seal_test

import (
	"bytes"
	"testing"

	"github.com/dismax-go/dismax/internal/seal"
)

func TestAnyChangedByteBreaksTheSeal(t *testing.T) {
	content := append(append([]byte("before"), seal.Placeholder...), "after"...)
	seal.Seal(content, len("before"))
	if err := seal.Verify(content, len("before")); err != nil {
		t.Fatalf("what was sealed: %v", err)
	}
	if err := seal.VerifyFile(bytes.NewReader(content), int64(len("before"))); err != nil {
		t.Fatalf("what was sealed, as a file: %v", err)
	}
	for at := range content {
		changed := bytes.Clone(content)
		changed[at] ^= 1
		if seal.Verify(changed, len("before")) == nil || seal.VerifyFile(bytes.NewReader(changed), int64(len("before"))) == nil {
			t.Errorf("byte %d was changed and the seal held", at)
		}
	}
	for _, at := range []int{-1, len(content)} {
		if seal.Verify(content, at) == nil || seal.VerifyFile(bytes.NewReader(content), int64(at)) == nil {
			t.Errorf("a checksum at byte %d, where none fits, was taken for right", at)
		}
	}
}
