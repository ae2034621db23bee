package slack

// Size is how many bytes can be read after the end of every buffer: a vector of the widest kind.
const Size = 64

// Allocate returns memory with slack after its end.
func Allocate(size int) []byte { return make([]byte, size+Size)[:size] }
