// Package pixels turns JPEG, PNG and WebP files into the pixels of a data set, uint8 [height, width, 3], and augments them.
// Start with [Target].
package pixels

// Channels is the number of bytes of a pixel: red, green, blue.
const Channels = 3

// MaxSize bounds the height and width to which images are resized.
const MaxSize = 4096
