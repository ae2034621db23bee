package models_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/models"
)

func Example() {
	device, _, err := backend.Open("goconv")
	if err != nil {
		log.Fatal(err)
	}
	defer device.Finalize()
	m, err := models.ByName("resnet20")
	if err != nil {
		log.Fatal(err)
	}
	summary, err := models.Summarize(device, m.Backbone, m.ImageSize)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %d features, %d parameters, %.0f million multiply-adds for an image\n",
		m.Title, summary.Features, summary.Parameters, float64(summary.MultiplyAdds)/1e6)
	// Output: ResNet-20: 64 features, 271824 parameters, 41 million multiply-adds for an image
}
