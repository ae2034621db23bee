package pixels

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"math"
)

// memory estimates, from above, the bytes that one image takes at the same time: the file, what the decoders
// allocate, and the buffers of resizing.
func (target Target) memory(data []byte, header image.Config) int64 {
	decoded := pngMemory
	if bytes.HasPrefix(data, []byte(jpegSign)) {
		decoded = jpegMemory
	}
	if isWebP(data) {
		decoded = webpMemory
	}
	height, width := float64(header.Height), float64(header.Width)
	const perValue = 4 * 8 // the filter keeps a row of the result, in float64 and four channels, for each source row
	scaling := perValue * float64(target.Width) * min(height, width*float64(target.Height)/float64(target.Width)+1)
	total := float64(len(data)) + decoded(data, header, height*width) + scaling
	return int64(min(total, math.MaxInt64/2))
}

// pngMemory is the memory of a PNG image of so many pixels: the image, a copy of it without transparency if it has any,
// half of it again if it is interlaced, and two rows.
func pngMemory(data []byte, header image.Config, pixels float64) float64 {
	const depthByte, colourByte, interlaceByte, alpha = 24, 25, 28, 4
	if len(data) <= interlaceByte {
		return 0 // it cannot be decoded
	}
	perPixel := 4.
	if data[depthByte] == 16 {
		perPixel = 8
	}
	total := perPixel * (pixels + 2*float64(header.Width))
	if data[interlaceByte] != 0 {
		total += perPixel * pixels / 2
	}
	if data[colourByte]&alpha != 0 || bytes.Contains(data, []byte("tRNS")) {
		total += 4 * pixels
	}
	return total
}

// jpegMemory is the memory of a JPEG image of so many pixels: its samples, four bytes more for each if they come in
// several scans, and a copy of those that are not in luminance and colour differences.
func jpegMemory(data []byte, header image.Config, pixels float64) float64 {
	progressive, samples := jpegFrame(data)
	total := samples * pixels
	if progressive {
		total += 4 * samples * pixels
	}
	if header.ColorModel == color.RGBAModel || header.ColorModel == color.CMYKModel {
		total += 4 * pixels
	}
	return total
}

// jpegFrame reads from the header of a frame whether it comes in several scans, and how many samples it has for each
// pixel: 3 in full colour, 1.5 where the colour differences have half the height and width.
func jpegFrame(data []byte) (progressive bool, samples float64) {
	const startOfFrame0, startOfFrame2, startOfScan, fill = 0xc0, 0xc2, 0xda, 0xff
	const restart0, restart7 = 0xd0, 0xd7 // without a length
	for rest := data[len(jpegSign):]; len(rest) >= 4; {
		marker := rest[1]
		switch {
		case rest[0] != fill || marker == fill || marker == 0: // padding, or what decoders pass over
			rest = rest[1:]
			continue
		case restart0 <= marker && marker <= restart7:
			rest = rest[2:]
			continue
		case marker == startOfScan:
			return false, 4
		}
		segment := rest[2:]
		length := int(binary.BigEndian.Uint16(segment))
		if length < 2 || length > len(segment) {
			break
		}
		if startOfFrame0 <= marker && marker <= startOfFrame2 && length > 8 {
			return marker == startOfFrame2, samplesPerPixel(segment[8:length])
		}
		rest = segment[length:]
	}
	return true, 4 // no frame: it cannot be decoded
}

// samplesPerPixel adds up the shares of the components, three bytes each, the second its sampling factors.
func samplesPerPixel(components []byte) float64 {
	if len(components) == 3 {
		return 1
	}
	sum, across, down := 0, 1, 1
	for ; len(components) >= 3; components = components[3:] {
		h, v := int(components[1]>>4), int(components[1]&0x0f)
		sum, across, down = sum+h*v, max(across, h), max(down, v)
	}
	return float64(sum) / float64(across*down)
}
