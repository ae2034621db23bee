package reports

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestOtherLossesHaveAColourOfTheirName(t *testing.T) {
	mine := func(seed int64) *record.Record {
		return &record.Record{Spec: record.Spec{Loss: "my-loss", Seed: seed}, Loss: record.Loss{Title: "Mine"}}
	}
	if a, b := identify(mine(1)), identify(mine(2)); a != b || a.title != "Mine" {
		t.Errorf("got %v and %v, want the same looks with the title Mine", a, b)
	}
}

func TestNamesStandForThemselvesWithoutATitle(t *testing.T) {
	r := &record.Record{Spec: record.Spec{Dataset: "d", Model: "m", Loss: "l"}}
	for got, want := range map[string]string{
		datasetTitle(r): "d", modelTitle(r): "m", identify(r).title: "l", setTitle(record.Set{Name: "s"}): "s",
		setTitle(record.Set{Name: "s", Title: "S"}): "S",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
