package cli

import "testing"

func TestSizesAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "1000000": 1e6, "500MB": 500e6, "512MiB": 512 << 20, "2GiB": 2 << 30, "1.5gb": 15e8, "64 kB": 64e3,
		"": 0, "0": 0, "-1GB": 0, "GB": 0, "1XB": 0, "1GG": 0, "NaN": 0, "1e30GB": 0, "9223372036854775808": 0, "ten": 0,
	} {
		var got byteSize
		err := got.UnmarshalText([]byte(text))
		if int64(got) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: got %d and error %v, want %d", text, got, err, want)
		}
	}
}
