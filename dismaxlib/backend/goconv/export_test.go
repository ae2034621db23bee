package goconv

// NewWithMemory is New with a choice of where the memory of buffers comes from.
var NewWithMemory = newBackend
