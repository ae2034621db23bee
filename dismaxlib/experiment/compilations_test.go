package experiment_test

import (
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/compilations"
	"github.com/dismax-go/dismax/tests/testkit"
)

// The last batches of these runs, of 16, 128 and 256 images, are all smaller than the others.
func TestARunCompilesEveryGraphOnce(t *testing.T) {
	for _, test := range []struct {
		name, loss  string
		scores      []*dismaxlib.Score
		diagnostics int
		want        []string
	}{
		{"scores of logits", "dismax", nil, 0, []string{"Trainer#1", "Evaluation#1", "Scores#1"}},
		{"scores that are fitted", "softmax", posthoc.Scores(), 0, []string{"Trainer#1", "Evaluation#1", "Scores#1"}},
		{"diagnostics", "dismax", nil, 300, []string{"Trainer#1", "Evaluation#1", "Scores#1", "Scores#1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := smallSpec(test.loss, record.HeldOut)
			spec.Model, spec.Epochs, spec.TrainLimit, spec.TestLimit = "resnet8", 2, 330, 300
			spec.DiagnosticImages = test.diagnostics
			counting := compilations.Count(testkit.Backend(t))
			r, err := runIn(t, t.TempDir(), spec, func(o *experiment.Options) {
				o.Backend, o.Scores = counting, test.scores
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, graph := range counting.Graphs() {
				got = append(got, graph.Name)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("compiled %q, want %q", got, test.want)
			}
			if r.Compilations.Count != len(got) || !(r.Compilations.Seconds > 0) {
				t.Errorf("the record says %+v; want %d graphs, and a time", r.Compilations, len(got))
			}
		})
	}
}
