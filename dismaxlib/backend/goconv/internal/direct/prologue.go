package direct

// Prologue makes what a convolution reads of the pixels that lie in memory. It gets whole rows of images, and is called by
// many goroutines, for some rows more than once.
type Prologue func(to, from []float32)

// Reading is the convolution of what a prologue makes of the images.
func (f *Forward) Reading(prologue Prologue) *Forward {
	reading := *f
	reading.prologue = prologue
	return &reading
}

// Reading is the gradient of the kernel where the convolution reads what a prologue makes of the images.
func (g *KernelGradient) Reading(prologue Prologue) *KernelGradient {
	reading := *g
	reading.prologue = prologue
	return &reading
}
