package fetch

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
)

// Checksum is what a published file is known by: an algorithm and hexadecimal digits, as in "MD5 c32a1d4a…" or
// "SHA-256 9f86d081…".
type Checksum string

const sha256Name = "SHA-256"

// algorithms are the checksums that files are published with.
var algorithms = map[string]func() hash.Hash{"MD5": md5.New, sha256Name: sha256.New}

// Unforgeable reports whether nobody can make another file with the same checksum.
func (want Checksum) Unforgeable() bool { return strings.HasPrefix(string(want), sha256Name+" ") }

// Check compares a file with its checksum.
func (want Checksum) Check(ctx context.Context, path string) error {
	name, digits, _ := strings.Cut(string(want), " ")
	newHash, ok := algorithms[name]
	if !ok {
		return fmt.Errorf("cannot compute a checksum of the kind %q", name)
	}
	input, err := os.Open(path)
	if err != nil {
		return err
	}
	defer input.Close()
	sum := newHash()
	if _, err := io.Copy(sum, bounded.WithContext(ctx, input)); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != digits {
		return fmt.Errorf("the file has the %s checksum %s, and not %s: it was damaged or replaced", name, got, digits)
	}
	return nil
}
