package cores_test

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/dismax-go/dismax/internal/cores"
)

func TestATaskGoesToTheCoreThatIsFreeFirst(t *testing.T) {
	for _, test := range []struct {
		name  string
		tasks []time.Duration
		cores int
		want  time.Duration
	}{
		{"none", nil, 2, 0},
		{"on one core", []time.Duration{3, 1, 2}, 1, 6},
		{"fewer than cores", []time.Duration{3, 1, 2}, 8, 3},
		{"even", []time.Duration{2, 2, 2, 2}, 2, 4},
		{"a short one leaves its core to the next", []time.Duration{4, 1, 2, 2}, 2, 5},
		{"a long one at the end is waited for", []time.Duration{1, 1, 1, 1, 6}, 2, 8},
		{"9 of equal length on 8 cores", slices.Repeat([]time.Duration{10}, 9), 8, 20},
	} {
		if got := cores.Section(test.tasks).On(test.cores); got != test.want {
			t.Errorf("%s: %v on %d cores take %d, want %d", test.name, test.tasks, test.cores, got, test.want)
		}
	}
}

// exampleWork is a part of 100 + 7 of overhead on one core: sections of 40, 15 and 5 with 6 between them, and 10 that were
// delegated.
func exampleWork() *cores.Work {
	return &cores.Work{
		Kernels: []cores.Kernel{
			{Name: "even", Elapsed: 42, Sections: []cores.Section{{10, 10, 10, 10}}},
			{Name: "alone", Elapsed: 17, Sections: []cores.Section{{15}}},
			{Name: "alone", Elapsed: 7, Sections: []cores.Section{{5}}},
		},
		Delegated: 10, Overhead: 7,
	}
}

func TestOnlySectionsOfSeveralTasksBecomeShorter(t *testing.T) {
	for _, test := range []struct {
		cores int
		want  time.Duration
	}{{1, 100}, {2, 80}, {3, 80}, {4, 70}, {16, 70}} {
		if got := cores.Simulate(exampleWork(), 107, test.cores); got != test.want {
			t.Errorf("on %d cores: got %d, want %d", test.cores, got, test.want)
		}
	}
	if got := cores.Serial(exampleWork(), 107); got != 60 {
		t.Errorf("%d of 100 are serial, want 60", got)
	}
	if got := cores.Outside(exampleWork(), 107); got != 24 { // 100 - 42 - 17 - 7 - 10
		t.Errorf("%d of 100 are outside of kernels, want 24", got)
	}
}

func TestLossesAreWhatAnEvenShareWouldNotTake(t *testing.T) {
	want := []cores.Loss{
		{Name: "alone", Kernels: 2, Fewest: 1, On: 24, Lost: 17}, // 17 - 17/3 and 7 - 7/3, rounded down
		{Name: "even", Kernels: 1, Fewest: 4, On: 22, Lost: 8},
	}
	if got := cores.Losses(exampleWork(), 3); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// compute takes so long that every clock notices.
func compute() {
	sum := 0.0
	for i := range 1_000_000 {
		sum += math.Sqrt(float64(i))
	}
	runtime.KeepAlive(sum)
}

func TestARecordingRunsTasksInOrderAndTakesEachSectionOnce(t *testing.T) {
	if cores.Current() != nil {
		t.Fatal("there is a recording before one was started")
	}
	r := cores.Start(4)
	defer cores.Stop()
	if cores.Current() != r || r.Cores() != 4 {
		t.Errorf("got recording %v for %d cores, want the one that was started for 4", cores.Current(), r.Cores())
	}
	var done []int
	r.Kernel(func() {
		r.Run(func() string { return "none" }, 0, func(int) { t.Error("a task of none was run") })
		r.Run(func() string { return "first" }, 3, func(i int) { done = append(done, i); compute() })
		r.Run(func() string { return "second" }, 1, func(int) {})
		compute()
	})
	failure := errors.New("failed")
	if err := r.Delegate(func() error { compute(); return failure }); err != failure {
		t.Errorf("got error %v, want that of what was delegated", err)
	}
	work := r.Take()
	if !slices.Equal(done, []int{0, 1, 2}) {
		t.Errorf("tasks ran as %v, want 0, 1, 2", done)
	}
	if len(work.Kernels) != 1 || work.Kernels[0].Name != "first" || len(work.Kernels[0].Sections) != 2 {
		t.Fatalf("got %+v, want a kernel with the name of its first section, and two sections", work)
	}
	k := work.Kernels[0]
	if tasks := k.Sections[0]; len(tasks) != 3 || slices.Min(tasks) <= 0 || k.Elapsed <= tasks.Sum() || work.Delegated <= 0 {
		t.Errorf("got %+v, want three tasks that took some time, some between tasks, and some delegated", work)
	}
	if again := r.Take(); len(again.Kernels) != 0 || again.Delegated != 0 {
		t.Errorf("the next call got %+v, want nothing", again)
	}
	cores.Stop()
	if cores.Current() != nil {
		t.Error("the recording goes on after its end")
	}
}
