package reports

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestDifferencesFromSoftMaxArePairedAndCorrected(t *testing.T) {
	records := append(seeds("softmax", 0.91, 0.93, 0.95), seeds("dismax", 0.92, 0.941, 0.959)...)
	markdown := Table(append(records, ensemble("softmax"))...).Markdown()
	// Differences of 1, 1.1 and 0.9 points: 1 ± 0.248, p 0.0033, and 0.0033 times the number of comparisons.
	check.Holds(t, markdown, "**Differences from SoftMax, paired by seed**", "| **+1.0** | +0.8 to +1.2 | 3 |")
	check.Holds(t, markdown, "MMLES − MPS |")
}

func TestDifferencesNeedSoftMaxAndSeeds(t *testing.T) {
	shorter := seeds("softmax", 0.90, 0.91, 0.92)
	for _, r := range shorter {
		r.Spec.Epochs = 3
	}
	for name, records := range map[string][]*record.Record{
		"no SoftMax":           append(seeds("isomax", 0.90, 0.91, 0.92), seeds("dismax", 0.94, 0.96, 0.97)...),
		"two seeds":            append(seeds("softmax", 0.90, 0.91), seeds("dismax", 0.94, 0.96)...),
		"another training":     append(shorter, seeds("dismax", 0.94, 0.96, 0.97)...),
		"nothing but ensemble": append(seeds("softmax", 0.90, 0.91, 0.92), ensemble("dismax")),
	} {
		if got := sections(records)[0].differencesGrid(); len(got.rows) > 0 {
			t.Errorf("%s: got %+v, want no rows", name, got.rows)
		}
	}
}
