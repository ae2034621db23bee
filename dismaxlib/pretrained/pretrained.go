package pretrained

import (
	"embed"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/gomlx/compute"
)

// files are the detector and the record of its run; files/README.md says which command makes them.
//
//go:embed files
var files embed.FS

const (
	folder       = "files/"
	detectorFile = "cifar10.dismax"
)

// CIFAR10 returns the detector of CIFAR-10's ten classes. It takes images of 32x32 pixels, to which
// datasets.ReadImage brings a photograph.
func CIFAR10(backend compute.Backend) (*detect.Detector, error) {
	content, err := read(detectorFile)
	if err != nil {
		return nil, err
	}
	return detect.Decode(backend, content)
}

// Record returns the results record of the run that [CIFAR10] was made of: spec, data, versions and all metrics.
func Record() (*record.Record, error) {
	content, err := read(record.FileName)
	if err != nil {
		return nil, err
	}
	return record.Decode(content)
}

func read(name string) ([]byte, error) {
	content, err := files.ReadFile(folder + name)
	if err != nil {
		return nil, fmt.Errorf("the detector that comes with the library is not in this program, which was built of a tree "+
			"without it (%w): name a detector of your own, or see dismaxlib/pretrained", err)
	}
	return content, nil
}
