package experiment

import (
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// A run may go on with another number of devices, so that its batches must be the same.
func TestBatchesAreAdaptedAlikeOnAnyNumberOfDevices(t *testing.T) {
	for _, test := range []struct{ devices, batch, images, want int }{
		{0, 64, 80, 8}, {1, 64, 80, 8}, {2, 64, 80, 8}, {8, 64, 80, 8}, {16, 64, 80, 16}, {3, 96, 80, 6}, {2, 64, 1000, 64},
	} {
		e := &run{options: Options{AdaptBatch: true, Devices: test.devices}, spec: record.Spec{BatchSize: test.batch}}
		if e.adaptBatch(test.images); e.spec.BatchSize != test.want {
			t.Errorf("%d devices, %d images, batches of %d: adapted to %d, want %d", test.devices, test.images, test.batch,
				e.spec.BatchSize, test.want)
		}
	}
}

// The border is 0 after the normalization, which is that of the former run where weights come from one.
func TestTheMeanBorderIsTheMeanOfTheNetwork(t *testing.T) {
	e := &run{
		spec:    record.Spec{Border: BorderMean},
		images:  &images{Dataset: &datasets.Dataset{Mean: []float32{0, 0, 0}}},
		network: &network.Network{Mean: []float32{0.2, 0.4, 1}},
	}
	if got, want := e.border(), [3]uint8{51, 102, 255}; got != want {
		t.Errorf("the border is %v, want %v", got, want)
	}
}
