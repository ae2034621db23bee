package pretrained

import (
	_ "embed"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/gomlx/compute"
)

// The command that makes the two files is in files/README.md.
var (
	//go:embed files/cifar10.dismax
	detectorFile []byte

	//go:embed files/record.json
	recordFile []byte
)

// CIFAR10 returns the detector of CIFAR-10's ten classes. It takes images of 32x32 pixels, to which
// datasets.ReadImage brings a photograph.
func CIFAR10(backend compute.Backend) (*detect.Detector, error) {
	return detect.Decode(backend, detectorFile)
}

// Record returns the results record of the run that [CIFAR10] was made of: spec, data, versions and all metrics.
func Record() (*record.Record, error) { return record.Decode(recordFile) }
