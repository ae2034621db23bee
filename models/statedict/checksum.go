package statedict

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dismax-go/dismax/internal/seal"
)

// A file of Write says in its metadata who wrote it and holds its checksum, as in package seal. The name of the writer
// is there so that a checksum is missed whose own name is damaged.
const (
	producerName = "producer"
	producer     = "dismax"
	checksumName = "dismax_sha256"
)

// metadata returns those of a file that is not sealed yet.
func metadata() map[string]string {
	return map[string]string{"format": "pt", producerName: producer, checksumName: string(seal.Placeholder)} // PyTorch
}

// checksumAt returns the place of the checksum with the given digits, behind all that comes before the values; -1 if it
// is not there.
func checksumAt(header []byte, digits string) int {
	before := fmt.Sprintf("%q:\"", checksumName)
	at := bytes.Index(header, []byte(before+digits+"\""))
	if at < 0 || len(digits) != seal.Size {
		return -1
	}
	return at + len(before)
}

// sealed returns the header with the checksum of itself and of the values.
func (s State) sealed(header []byte, names []string) ([]byte, error) {
	hash := sha256.New()
	hash.Write(header)
	if err := s.writeValues(hash, names); err != nil {
		return nil, err
	}
	hex.Encode(header[checksumAt(header, string(seal.Placeholder)):], hash.Sum(nil))
	return header, nil
}

// verify compares a file with the checksum in its metadata. One of another writer has none.
func verify(path string, metadata map[string]any) error {
	digits, found := metadata[checksumName]
	if !found && metadata[producerName] != producer {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	header, err := readHeader(file)
	if err != nil {
		return err
	}
	text, _ := digits.(string)
	at := checksumAt(header, text)
	if at < 0 {
		return errors.New("it lacks its checksum: it is damaged; export it again")
	}
	if err := seal.VerifyFile(file, int64(at)); err != nil {
		return fmt.Errorf("it %w; export it again", err)
	}
	return nil
}

// readHeader reads all that comes before the values, of a file whose length of the header was checked.
func readHeader(file io.Reader) ([]byte, error) {
	header := make([]byte, lengthBytes)
	if _, err := io.ReadFull(file, header); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(header)
	header = append(header, make([]byte, length)...)
	_, err := io.ReadFull(file, header[lengthBytes:])
	return header, err
}
