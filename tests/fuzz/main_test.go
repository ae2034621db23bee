package main

import (
	"slices"
	"testing"
)

func TestTargetsAreTheFunctionsThatGoFuzzes(t *testing.T) {
	got := targetsIn("example.org/x", "package x\n\n// func FuzzNot(\nfunc FuzzA(f *testing.F) {\n\tFuzzB(f)\n}\n\nfunc TestA(t *testing.T) {}\n"+
		"func FuzzB(f *testing.F) {}\n")
	want := []target{{"example.org/x", "FuzzA"}, {"example.org/x", "FuzzB"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
