package pixels

import (
	"image"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestResizeKeepsProportionsAndCropsToTheCentre(t *testing.T) {
	// Three squares side by side; the middle one is what remains.
	wide := fixture.Plain(96, 32, 0, 0)
	draw.Draw(wide, image.Rect(32, 0, 64, 32), fixture.Plain(32, 32, 250, 5), image.Point{}, draw.Src)
	got := make([]uint8, 8*8*3)
	copyRGB(got, scale(wide, centre(wide.Bounds(), 8, 8, 1), 8, 8))
	for i := 0; i < len(got); i += 3 {
		if got[i] != 250 || got[i+1] != 5 {
			t.Fatalf("pixel %d is %v, want the middle square's", i/3, got[i:i+3])
		}
	}
}

func TestEvaluationCropsAsPublished(t *testing.T) {
	for _, test := range []struct {
		name   string
		bounds image.Rectangle
		share  float64
		want   image.Rectangle
	}{
		{"wide", image.Rect(0, 0, 500, 256), centreShare, image.Rect(138, 16, 362, 240)},
		{"tall", image.Rect(0, 0, 512, 1000), centreShare, image.Rect(32, 276, 480, 724)},
		{"whole", image.Rect(0, 0, 64, 64), 1, image.Rect(0, 0, 64, 64)},
		{"not at the origin", image.Rect(5, 5, 9, 7), 1, image.Rect(6, 5, 8, 7)},
		{"one pixel", image.Rect(0, 0, 1, 9), centreShare, image.Rect(0, 4, 1, 5)},
	} {
		if got := centre(test.bounds, 224, 224, test.share); got != test.want {
			t.Errorf("%s: centre of %v is %v, want %v", test.name, test.bounds, got, test.want)
		}
	}
}

func TestRandomPartsAreAsPublished(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	bounds := image.Rect(10, 20, 510, 395)
	area := float64(bounds.Dx() * bounds.Dy())
	smallest, largest := 1., 0.
	for range 10000 {
		part := randomPart(random, bounds, 224, 224)
		if !part.In(bounds) {
			t.Fatalf("%v is not within %v", part, bounds)
		}
		share := float64(part.Dx()*part.Dy()) / area
		smallest, largest = min(smallest, share), max(largest, share)
		if proportion := float64(part.Dx()) / float64(part.Dy()); proportion < 0.74 || proportion > 1.35 {
			t.Errorf("%v has the proportions %.2f, want 3:4 to 4:3", part, proportion)
		}
	}
	if smallest < 0.078 || smallest > 0.09 || largest < 0.95 || largest > 1 {
		t.Errorf("parts cover %.3f to %.3f of the area, want 0.08 to 1", smallest, largest)
	}
	if part := randomPart(random, image.Rect(0, 0, 1, 1000), 224, 224); part.Dx() != 1 || part.Dy() != 1 {
		t.Errorf("part %v of a line, want one pixel", part)
	}
}
