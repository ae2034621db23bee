package pixels

import (
	"bytes"
	"encoding/binary"
)

// orientation says how a stored picture is turned to be looked at, as in the tag of that name of the standard "Exif":
// 1 is not at all, 2 to 4 are mirrored or upside down, 5 to 8 lie on their side. Cameras write it.
type orientation uint16

const upright orientation = 1

// turned reports whether the height and width change places.
func (o orientation) turned() bool { return o >= 5 && o <= 8 }

// source returns the row and column of the stored picture, which has height rows and width columns once it is turned,
// that row y and column x of the turned one come from.
func (o orientation) source(y, x, height, width int) (row, column int) {
	switch o {
	case 2:
		return y, width - 1 - x
	case 3:
		return height - 1 - y, width - 1 - x
	case 4:
		return height - 1 - y, x
	case 5:
		return x, y
	case 6:
		return width - 1 - x, y
	case 7:
		return width - 1 - x, height - 1 - y
	case 8:
		return x, height - 1 - y
	}
	return y, x
}

// turn writes the stored pixels, [height, width, Channels] or with height and width exchanged, as they are looked at.
func (o orientation) turn(to, stored []uint8, height, width int) {
	columns := width
	if o.turned() {
		columns = height
	}
	for y := range height {
		for x := range width {
			row, column := o.source(y, x, height, width)
			copy(to[(y*width+x)*Channels:][:Channels], stored[(row*columns+column)*Channels:])
		}
	}
}

// orientationOf reads the orientation of an image file, upright where it does not say one that can be read.
func orientationOf(data []byte) orientation {
	exif := jpegExif(data)
	if isWebP(data) {
		exif = webpExif(data)
	}
	return orientationTag(bytes.TrimPrefix(exif, []byte(exifSign)))
}

const exifSign = "Exif\x00\x00"

// jpegExif returns the content of the segment that holds the tags, nil if there is none.
func jpegExif(data []byte) []byte {
	const app1, startOfScan, marker = 0xe1, 0xda, 0xff
	if !bytes.HasPrefix(data, []byte(jpegSign)) {
		return nil
	}
	for rest := data[len(jpegSign):]; len(rest) >= 4 && rest[0] == marker && rest[1] != startOfScan; {
		length := int(binary.BigEndian.Uint16(rest[2:]))
		if length < 2 || 2+length > len(rest) {
			return nil
		}
		if content := rest[4 : 2+length]; rest[1] == app1 && bytes.HasPrefix(content, []byte(exifSign)) {
			return content
		}
		rest = rest[2+length:]
	}
	return nil
}

// webpExif returns the content of the chunk that holds the tags, nil if there is none.
func webpExif(data []byte) []byte {
	for rest := data[webpSignAt+len(webpSign):]; len(rest) >= 8; {
		length := int64(binary.LittleEndian.Uint32(rest[4:]))
		padded := length + length%2
		if 8+length > int64(len(rest)) {
			return nil
		}
		if string(rest[:4]) == "EXIF" {
			return rest[8 : 8+length]
		}
		if 8+padded > int64(len(rest)) {
			return nil
		}
		rest = rest[8+padded:]
	}
	return nil
}

// orientationTag reads the tag from a TIFF header and its first directory.
func orientationTag(tiff []byte) orientation {
	const tag, short, entrySize = 0x0112, 3, 12
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return upright
	case bytes.HasPrefix(tiff, []byte("MM")):
		order = binary.BigEndian
	case !bytes.HasPrefix(tiff, []byte("II")):
		return upright
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < entrySize {
			return upright
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := orientation(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return upright
		}
		entries = entries[entrySize:]
	}
	return upright
}
