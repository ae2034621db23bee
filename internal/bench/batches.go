package bench

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
)

// batches makes images of uniform random pixels with random labels. There is nothing to learn from them, so losses and
// gradients stay of ordinary size however long the measurement is.
type batches struct {
	size, imageSize int
	random          *rand.ChaCha8
}

func newBatches(size, imageSize int, seed int64) *batches {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], uint64(seed))
	return &batches{size, imageSize, rand.NewChaCha8(key)}
}

// next returns uint8 images [batch, height, width, 3] and int32 labels [batch, 1].
func (b *batches) next() (images, labels *tensors.Tensor) {
	pixels := make([]uint8, b.size*b.imageSize*b.imageSize*3)
	b.random.Read(pixels) // never fails
	truth := make([]int32, b.size)
	for i := range truth {
		truth[i] = int32(b.random.Uint64() % classes)
	}
	return tensors.FromFlatDataAndDimensions(pixels, b.size, b.imageSize, b.imageSize, 3),
		tensors.FromFlatDataAndDimensions(truth, b.size, 1)
}
