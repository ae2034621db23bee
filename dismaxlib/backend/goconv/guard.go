package goconv

import (
	"reflect"
	"sync/atomic"

	"github.com/gomlx/compute"
)

// guard keeps failing operations from taking the process down. When the inner backend runs operations in parallel, an
// operation that panics does so on a goroutine that no one can recover, and one that returns an error may make the
// others send on a closed channel. When it runs them one after the other, both come back to the caller.
//
// So the first run of every computation is sequential, which finds what fails whatever the data are (a dtype that an
// operation does not have), and computations with operations that may fail for some data (see hazard) always are.
type guard struct {
	compute.Executable
	live   *atomic.Int32 // see liveExecutions
	hazard bool
	proven atomic.Bool
}

func (b *backend) guard(inner compute.Executable, hazard bool) compute.Executable {
	return &guard{Executable: inner, live: b.live, hazard: hazard}
}

// Execute implements compute.Executable.
func (g *guard) Execute(inputs []compute.Buffer, donate []bool, device compute.DeviceNum) ([]compute.Buffer, error) {
	if g.proven.Load() && !g.hazard {
		return g.Executable.Execute(inputs, donate, device)
	}
	if g.live != nil {
		g.live.Add(1)
		defer g.live.Add(-1)
	}
	outputs, err := g.Executable.Execute(inputs, donate, device)
	g.proven.Store(err == nil)
	return outputs, err
}

// liveExecutions returns the inner backend's count of executions that go on now. While it is above 1 the backend runs
// operations sequentially, and counting one more is the only way to ask for that: there is an option for all
// computations, but none for one. The count is a field of a type that cannot be imported, hence the reflection; nil
// means that it is not there any more, and then all computations have to be sequential.
func liveExecutions(inner compute.Backend) *atomic.Int32 {
	value := reflect.Indirect(reflect.ValueOf(inner))
	if value.Kind() != reflect.Struct {
		return nil
	}
	field := value.FieldByName("NumLiveExecutions")
	if !field.IsValid() || !field.CanAddr() {
		return nil
	}
	count, _ := field.Addr().Interface().(*atomic.Int32)
	return count
}
