package text_test

import (
	"testing"

	"github.com/dismax-go/dismax/internal/text"
)

func TestDifferencesAreNamedAndTheFirstOnesOfMany(t *testing.T) {
	there := map[string]string{"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}
	for want, here := range map[string]map[string]string{
		"":                            there,
		`b is "2" there and "7" here`: {"a": "1", "b": "7", "c": "3", "d": "4", "e": "5"},
		`a is "1" there and "" here; b is "2" there and "" here; c is "3" there and "" here; and 2 more`: {},
	} {
		if got := text.Differences(there, here); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
