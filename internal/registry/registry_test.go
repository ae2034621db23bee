package registry

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestByNameFindsWhatWasRegistered(t *testing.T) {
	r := New[int]("number")
	r.Register("two", 2)
	r.Register("one", 1)
	got, err := r.ByName("one")
	if err != nil || got != 1 {
		t.Fatalf("ByName(one) = %d, %v; want 1, nil", got, err)
	}
	if names := r.Names(); !slices.Equal(names, []string{"two", "one"}) {
		t.Errorf("Names() = %v; want the order of registration", names)
	}
	if values := r.Values(); !slices.Equal(values, []int{2, 1}) {
		t.Errorf("Values() = %v; want the order of registration", values)
	}
}

func TestUnknownNameListsTheAlternatives(t *testing.T) {
	r := New[int]("number")
	r.Register("one", 1)
	r.Register("two", 2)
	_, err := r.ByName("three")
	if !errors.Is(err, ErrUnknown) {
		t.Fatalf("ByName(three): error %v; want ErrUnknown", err)
	}
	for _, want := range []string{"number", `"three"`, "one, two"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not mention %s", err, want)
		}
	}
}

func TestRegisterPanicsOnMistakes(t *testing.T) {
	for _, name := range []string{"", "taken"} {
		t.Run("name="+name, func(t *testing.T) {
			r := New[int]("number")
			r.Register("taken", 1)
			defer func() {
				if recover() == nil {
					t.Errorf("Register(%q) did not panic", name)
				}
			}()
			r.Register(name, 2)
		})
	}
}
