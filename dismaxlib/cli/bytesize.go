package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteSize is a number of bytes as a flag has it: "1000000", "1.5GB", "512MiB".
type byteSize int64

// byteUnits are the endings of sizes.
var byteUnits = map[string]float64{
	"": 1, "B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (b *byteSize) UnmarshalText(text []byte) error {
	number := strings.TrimRight(string(text), "BGIKMTbgikmt ")
	factor, known := byteUnits[strings.ToUpper(strings.TrimSpace(string(text[len(number):])))]
	value, err := strconv.ParseFloat(number, 64)
	if bytes := value * factor; err == nil && known && bytes >= 1 && bytes < math.MaxInt64 {
		*b = byteSize(bytes)
		return nil
	}
	return fmt.Errorf("%q is no size in bytes: name one like 500MB or 2GiB", text)
}
