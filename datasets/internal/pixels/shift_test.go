package pixels

import (
	"math/rand/v2"
	"testing"
)

// shifted computes what a shift should give, pixel by pixel: the crop of the padded image, then mirrored.
func shifted(from []uint8, height, width int, move Shift) []uint8 {
	to := make([]uint8, len(from))
	for y := range height {
		for x := range width {
			column := x
			if move.mirror {
				column = width - 1 - x
			}
			sourceY, sourceX := y-move.down, column-move.right
			if sourceY < 0 || sourceY >= height || sourceX < 0 || sourceX >= width {
				continue
			}
			copy(to[(y*width+x)*3:][:3], from[(sourceY*width+sourceX)*3:])
		}
	}
	return to
}

func TestShiftIsACropOfThePaddedImage(t *testing.T) {
	for _, size := range []struct{ height, width int }{{32, 32}, {5, 7}, {3, 2}, {1, 1}} {
		from := make([]uint8, size.height*size.width*3)
		for i := range from {
			from[i] = uint8(1 + i%255)
		}
		for down := -4; down <= 4; down++ {
			for right := -4; right <= 4; right++ {
				for _, mirror := range []bool{false, true} {
					move := Shift{down, right, mirror}
					got := make([]uint8, len(from))
					move.Apply(got, from, size.height, size.width)
					if want := shifted(from, size.height, size.width, move); string(got) != string(want) {
						t.Fatalf("%+v of %dx%d: got %v, want %v", move, size.height, size.width, got, want)
					}
				}
			}
		}
	}
}

func TestShiftsAreDrawnEvenly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	counts := make(map[Shift]int)
	const draws = 162 * 1000
	for range draws {
		counts[DrawShift(random)]++
	}
	if len(counts) != 162 {
		t.Errorf("drew %d different shifts, want 9 x 9 x 2", len(counts))
	}
	for move, count := range counts {
		if count < 850 || count > 1150 {
			t.Errorf("drew %+v %d times in %d, want about 1000", move, count, draws)
		}
	}
}
