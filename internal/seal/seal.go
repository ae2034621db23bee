// Package seal lets a file hold its own checksum: the SHA-256 of all its bytes with zeros in the place of the checksum.
// Whoever reads the file can tell any change of any byte. Start with [Seal].
package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// Size is the number of bytes that a checksum takes: hexadecimal digits.
const Size = 2 * sha256.Size

// ErrChanged is returned for content that is not what was sealed.
var ErrChanged = errors.New("does not match its checksum: it is damaged, or was changed after it was written")

// Placeholder is what stands in the checksum's place until the content is sealed.
var Placeholder = bytes.Repeat([]byte{'0'}, Size)

// Seal writes the checksum into the content, from the byte at on.
func Seal(content []byte, at int) { copy(content[at:], checksum(content, at)) }

// Verify returns [ErrChanged] unless the content is what was sealed with the checksum from the byte at on.
func Verify(content []byte, at int) error {
	if at < 0 || at > len(content)-Size || string(checksum(content, at)) != string(content[at:at+Size]) {
		return ErrChanged
	}
	return nil
}

func checksum(content []byte, at int) []byte {
	hash := sha256.New()
	hash.Write(content[:at])
	hash.Write(Placeholder)
	hash.Write(content[at+Size:])
	return hex.AppendEncode(nil, hash.Sum(nil))
}

// VerifyFile is [Verify] for what is too large to be in memory twice.
func VerifyFile(content io.ReadSeeker, at int64) error {
	if at < 0 {
		return ErrChanged
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.CopyN(hash, content, at); err != nil {
		return err
	}
	want := make([]byte, Size)
	if _, err := io.ReadFull(content, want); err != nil {
		return err
	}
	hash.Write(Placeholder)
	if _, err := io.Copy(hash, content); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != string(want) {
		return ErrChanged
	}
	return nil
}
