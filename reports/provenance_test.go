package reports

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestTheDeviceIsToldWithAllThatChangesItsResults(t *testing.T) {
	for _, test := range []struct {
		backend record.Backend
		want    string
	}{
		{record.Backend{Device: "H100"}, "H100"},
		{record.Backend{Device: "EPYC", Cores: 2, Instructions: "AVX2", Devices: 1}, "EPYC, 2 cores, AVX2"},
		{record.Backend{Device: "H100", Devices: 4, TF32: "products and convolutions"},
			"H100, TF32: products and convolutions, 4 devices"},
	} {
		if got := deviceText(test.backend); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.backend, got, test.want)
		}
	}
}

func TestTheCalibrationOfThePapersProtocolIsShownWhereItWasMeasured(t *testing.T) {
	const title = "ECE, test fit"
	heldOut := changed("dismax", 1, func(r *record.Record) {
		r.Test.AfterPaper = &record.Fit{Temperature: 2, Calibration: record.Calibration{ECE: 0.0123}}
	})
	with, without := Table(heldOut).Markdown(), Table(changed("dismax", 1, func(*record.Record) {})).Markdown()
	if !strings.Contains(with, title) || !strings.Contains(with, "0.0123") {
		t.Errorf("want a column %q with 0.0123 in\n%s", title, with)
	}
	if strings.Contains(without, title) {
		t.Errorf("want no column %q in\n%s", title, without)
	}
}
