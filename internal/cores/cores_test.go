package cores_test

import (
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
		s := cores.Section{Tasks: test.tasks}
		if got := s.On(test.cores); got != test.want {
			t.Errorf("%s: %v on %d cores take %d, want %d", test.name, test.tasks, test.cores, got, test.want)
		}
	}
}

// exampleWork takes 100 on one core: sections of 40 and 20, and 10 that were delegated.
func exampleWork() *cores.Work {
	return &cores.Work{
		Sections: []cores.Section{
			{Name: "even", Tasks: []time.Duration{10, 10, 10, 10}},
			{Name: "alone", Tasks: []time.Duration{15}},
			{Name: "alone", Tasks: []time.Duration{5}},
		},
		Delegated: 10,
	}
}

func TestOnlySectionsOfSeveralTasksBecomeShorter(t *testing.T) {
	for _, test := range []struct {
		cores int
		want  time.Duration
	}{{1, 100}, {2, 80}, {3, 80}, {4, 70}, {16, 70}} {
		if got := cores.Simulate(exampleWork(), 100, test.cores); got != test.want {
			t.Errorf("on %d cores: got %d, want %d", test.cores, got, test.want)
		}
	}
	if got := cores.Serial(exampleWork(), 100); got != 60 {
		t.Errorf("%d of 100 are serial, want 60", got)
	}
}

func TestLossesAreWhatAnEvenShareWouldNotTake(t *testing.T) {
	want := []cores.Loss{
		{Name: "alone", Sections: 2, Fewest: 1, On: 20, Lost: 14}, // 15 - 5, and 5 - 1 as 5/3 is rounded down
		{Name: "even", Sections: 1, Fewest: 4, On: 20, Lost: 7},
	}
	if got := cores.Losses(exampleWork(), 3); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
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
	r.Run("three", 3, func(i int) { done = append(done, i); time.Sleep(time.Millisecond) })
	r.Delegate(time.Now().Add(-time.Second))
	work := r.Take()
	if !slices.Equal(done, []int{0, 1, 2}) {
		t.Errorf("tasks ran as %v, want 0, 1, 2", done)
	}
	if len(work.Sections) != 1 || work.Sections[0].Name != "three" || len(work.Sections[0].Tasks) != 3 ||
		slices.Min(work.Sections[0].Tasks) < time.Millisecond || work.Delegated < time.Second {
		t.Errorf("got %+v, want a section of three tasks of a millisecond, and a second delegated", work)
	}
	if again := r.Take(); len(again.Sections) != 0 || again.Delegated != 0 {
		t.Errorf("the next call got %+v, want nothing", again)
	}
	cores.Stop()
	if cores.Current() != nil {
		t.Error("the recording goes on after its end")
	}
}
