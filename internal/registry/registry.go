// Package registry holds the one generic table of named things that losses, scores, models and data sets share:
// register by name once, and the command line, the notebooks and the reports can all find it.
package registry

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ErrUnknown is wrapped by the error of a name that is not registered.
var ErrUnknown = errors.New("unknown")

// Registry maps names to values of type T and remembers the order in which they were registered.
// It is safe for concurrent use.
type Registry[T any] struct {
	kind string

	mu     sync.RWMutex
	names  []string
	values map[string]T
}

// New returns an empty registry. The kind ("model", "loss", …) is what error messages call its entries.
func New[T any](kind string) *Registry[T] {
	return &Registry[T]{kind: kind, values: make(map[string]T)}
}

// Register adds a value under a name. It panics if the name is empty or taken: both are mistakes of the program,
// made at start-up.
func (r *Registry[T]) Register(name string, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "" {
		panic(fmt.Sprintf("registry: a %s needs a name", r.kind))
	}
	if _, taken := r.values[name]; taken {
		panic(fmt.Sprintf("registry: %s %q is registered twice", r.kind, name))
	}
	r.names = append(r.names, name)
	r.values[name] = value
}

// ByName returns the value registered under the name. The error of an unknown name lists the known ones.
func (r *Registry[T]) ByName(name string) (T, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	value, ok := r.values[name]
	if !ok {
		return value, fmt.Errorf("%w %s %q: choose one of %s", ErrUnknown, r.kind, name, strings.Join(r.names, ", "))
	}
	return value, nil
}

// Names returns the registered names in the order of their registration.
func (r *Registry[T]) Names() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.names)
}

// Values returns the registered values in the order of their registration.
func (r *Registry[T]) Values() []T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	values := make([]T, len(r.names))
	for i, name := range r.names {
		values[i] = r.values[name]
	}
	return values
}
