package main

import (
	"slices"
	"testing"
)

func TestTargetsBelongToThePackageThatFollows(t *testing.T) {
	got := targets("ok  \texample.org/none\t0.1s\nFuzzA\nFuzzB\nok  \texample.org/x\t0.01s\n?   \texample.org/y\t[no test files]\nFuzzA\nok  \texample.org/z\t0.1s\n")
	want := []target{{"example.org/x", "FuzzA"}, {"example.org/x", "FuzzB"}, {"example.org/z", "FuzzA"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
