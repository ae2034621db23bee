package models

import (
	. "github.com/gomlx/gomlx/support/exceptions"
)

// checkDepth panics unless the depth is that of three stages of at least one block each.
func checkDepth(constructor string, depth int) {
	if depth < 10 || depth%6 != 4 {
		Panicf("models.%s: the depth is %d, want 6n+4: 10, 16, 22, …", constructor, depth)
	}
}

// checkStages panics unless a residual network has channels, stages and blocks.
func checkStages(constructor string, width int, blocks []int) {
	checkPositive(constructor, "width", width)
	if len(blocks) == 0 {
		Panicf("models.%s: there are no blocks, want a number of them for each stage, as in 3, 3, 3", constructor)
	}
	for stage, count := range blocks {
		if count < 1 {
			Panicf("models.%s: stage %d has %d blocks, want at least 1", constructor, stage+1, count)
		}
	}
}

func checkPositive(constructor, parameter string, value int) {
	if value < 1 {
		Panicf("models.%s: %s is %d, want at least 1", constructor, parameter, value)
	}
}
