package pixels

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

// withOrientation puts the tag into a JPEG file, in either order of bytes.
func withOrientation(jpeg []byte, o uint16, order binary.ByteOrder) []byte {
	tiff := []byte("II")
	if order == binary.BigEndian {
		tiff = []byte("MM")
	}
	number := func(value any) { tiff, _ = binary.Append(tiff, order, value) }
	number(uint16(42))
	number(uint32(8)) // where the directory begins
	number(uint16(2)) // entries
	for _, entry := range [][2]uint16{{0x0100, 7}, {0x0112, o}} {
		number(entry[0])
		number(uint16(3))
		number(uint32(1))
		number(entry[1])
		number(uint16(0))
	}
	segment := append([]byte(exifSign), tiff...)
	header := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(segment)))
	return slices.Concat(jpeg[:2], header, segment, jpeg[2:])
}

// Six pixels, numbered as they are stored, and how the standard wants them looked at.
func TestPicturesAreTurnedAsTheirTagSays(t *testing.T) {
	for o, want := range map[orientation][][]uint8{
		1: {{0, 1, 2}, {3, 4, 5}},
		2: {{2, 1, 0}, {5, 4, 3}},
		3: {{5, 4, 3}, {2, 1, 0}},
		4: {{3, 4, 5}, {0, 1, 2}},
		5: {{0, 3}, {1, 4}, {2, 5}},
		6: {{3, 0}, {4, 1}, {5, 2}},
		7: {{5, 2}, {4, 1}, {3, 0}},
		8: {{2, 5}, {1, 4}, {0, 3}},
	} {
		stored, got := make([]uint8, 6*Channels), make([]uint8, 6*Channels)
		for i := range stored {
			stored[i] = uint8(i / Channels)
		}
		o.turn(got, stored, len(want), len(want[0]))
		for i, number := range slices.Concat(want...) {
			if got[i*Channels] != number {
				t.Errorf("orientation %d: pixel %d is number %d of those stored, want %d", o, i, got[i*Channels], number)
			}
		}
	}
}

func TestTheOrientationIsRead(t *testing.T) {
	plain := fixture.JPEG(8, 4, 1, 2)
	for o := range uint16(10) {
		want := upright
		if o >= 1 && o <= 8 {
			want = orientation(o)
		}
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withOrientation(plain, o, order)
			if got := orientationOf(data); got != want {
				t.Errorf("tag %d, %s: read as %d, want %d", o, order, got, want)
			}
			for cut := range len(data) - len(plain) + 4 {
				orientationOf(data[:cut]) // must not panic
			}
		}
	}
	if got := orientationOf(plain); got != upright {
		t.Errorf("without a tag: %d, want %d", got, upright)
	}
	if got := orientationOf([]byte("RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xff")); got != upright {
		t.Errorf("a chunk that claims too much: %d, want %d", got, upright)
	}
}

func TestAPictureOnItsSideFitsTheSizeThatIsLookedAt(t *testing.T) {
	data := withOrientation(fixture.JPEG(8, 4, 200, 30), 6, binary.LittleEndian)
	resized, err := Target{Height: 8, Width: 4, Exact: true}.Decode(make([]uint8, 8*4*Channels), data)
	if err != nil || resized {
		t.Errorf("8x4 pixels that are turned to 4x8: resized %t, error %v", resized, err)
	}
}
