package fetch

import (
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestChecksumsOfBothKinds(t *testing.T) {
	file := fixture.Write(t, "abc", []byte("abc"))
	for _, test := range []struct {
		sum  Checksum
		want string // of the error
	}{
		{"MD5 900150983cd24fb0d6963f7d28e17f72", ""},
		{"MD5 00", "900150983cd24fb0d6963f7d28e17f72"},
		{"SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ""},
		{"SHA-256 00", "ba7816bf"},
		{"CRC 00", "CRC"},
	} {
		err := test.sum.Check(t.Context(), file)
		if test.want == "" {
			fixture.Must(t, err)
			continue
		}
		fixture.WantError(t, err, test.want)
	}
}
