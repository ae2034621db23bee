package datasets

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
)

// checksum is what a published file is known by: an algorithm and hexadecimal digits, as in "MD5 c32a1d4a…" or
// "SHA-256 9f86d081…".
type checksum string

// algorithms are the checksums that files are published with.
var algorithms = map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New}

// check compares a file with its checksum.
func (want checksum) check(path string) error {
	algorithm, digits, _ := strings.Cut(string(want), " ")
	newHash, known := algorithms[algorithm]
	if !known {
		return fmt.Errorf("cannot compute a checksum of the kind %q", algorithm)
	}
	input, err := os.Open(path)
	if err != nil {
		return err
	}
	defer input.Close()
	sum := newHash()
	if _, err := io.Copy(sum, input); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != digits {
		return fmt.Errorf("the file has the %s checksum %s, and not %s: it was damaged or replaced",
			algorithm, got, digits)
	}
	return nil
}
