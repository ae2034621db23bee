// Package text writes numbers and lists as English sentences have them.
package text

import (
	"strconv"
	"strings"
)

// JoinAnd writes "a", "a and b", "a, b and c"; "" for no words.
func JoinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Plural writes a number of things, with commas between thousands: "1 epoch", "10,000 images", "3 classes".
func Plural(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return Digits(n) + " " + noun
}

// Digits writes a number with commas between thousands: "-1,234,567".
func Digits(n int) string {
	digits := strconv.Itoa(n)
	first := 1
	if n < 0 {
		first = 2 // the sign is no digit
	}
	for i := len(digits) - 3; i >= first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
