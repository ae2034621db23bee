// Package text writes numbers and lists as sentences have them.
package text

import (
	"fmt"
	"strconv"
	"strings"
)

// Count writes a number of things: "1 epoch", "10,000 images", "3 classes", "2 entries".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Digits(n) + " " + plural(noun)
}

// plural is the regular plural of a noun.
func plural(noun string) string {
	last := len(noun) - 1
	switch {
	case strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "x") || strings.HasSuffix(noun, "tch"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && last > 0 && !strings.ContainsRune("aeiou", rune(noun[last-1])):
		return noun[:last] + "ies"
	}
	return noun + "s"
}

// Digits writes a number in groups of three digits: "10,000".
func Digits(n int) string {
	digits := strconv.Itoa(n)
	first := 0 // the first place where a comma may be
	if n < 0 {
		first = 1
	}
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Bytes writes a number of bytes in the largest decimal unit that it fills: "999 bytes", "1.5 kB", "64 MB", "2.1 GB".
func Bytes(n int64) string {
	if n < 1000 {
		return Count(int(n), "byte")
	}
	value, unit := float64(n), -1
	for value >= 999.5 && unit < 3 {
		value, unit = value/1000, unit+1
	}
	if value >= 9.95 {
		return fmt.Sprintf("%.0f %cB", value, "kMGT"[unit])
	}
	return fmt.Sprintf("%.1f %cB", value, "kMGT"[unit])
}

// And joins words as a sentence does: "a", "a and b", "a, b and c".
func And(words []string) string { return list(words, " and ") }

// Or lists words with "or" before the last: "a, b or c".
func Or(words []string) string { return list(words, " or ") }

func list(words []string, beforeLast string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + beforeLast + words[last]
}
