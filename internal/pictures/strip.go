package pictures

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"slices"

	"golang.org/x/image/draw"
)

var errShort = errors.New("it ends too early")

// stripJPEG keeps the segments that the picture needs: of those for
// applications, JFIF (0), colours (2) and Adobe (14).
// ITU-T T.81, annex B.
func stripJPEG(data []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(data)))
	out.Write(data[:2])
	err := segments(data, func(marker byte, whole []byte) bool {
		if app := marker >= 0xe0 && marker <= 0xef || marker == 0xfe; !app || marker == 0xe0 || marker == 0xe2 || marker == 0xee {
			out.Write(whole)
		}
		return true
	})
	return out.Bytes(), err
}

// segments calls visit for each segment up to the picture itself, which is given
// as one last segment with all that follows; what follows its end is left out.
func segments(data []byte, visit func(marker byte, whole []byte) bool) error {
	for at := 2; at+4 <= len(data); {
		if data[at] != 0xff {
			return errors.New("a marker is missing")
		}
		marker := data[at+1]
		if marker == 0xff { // fill
			at++
			continue
		}
		if marker == 0xda {
			rest := data[at:]
			if end := bytes.LastIndex(rest, []byte{0xff, 0xd9}); end >= 0 {
				rest = rest[:end+2]
			}
			visit(marker, rest)
			return nil
		}
		next := at + 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if next > len(data) || next < at+4 {
			return errShort
		}
		if !visit(marker, data[at:next]) {
			return nil
		}
		at = next
	}
	return errShort
}

// orientation gives the way up that the camera noted: 1 as it is, 2–8 turned or
// mirrored. EXIF 2.32, tag 0x0112.
func orientation(data []byte) int {
	way := 1
	_ = segments(data, func(marker byte, whole []byte) bool {
		tiff, ok := bytes.CutPrefix(whole[4:], []byte("Exif\x00\x00"))
		if marker != 0xe1 || !ok {
			return true
		}
		way = orientationTag(tiff)
		return false
	})
	return way
}

func orientationTag(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 0 || at+2 > len(tiff) {
		return 1
	}
	count := int(order.Uint16(tiff[at:]))
	for at += 2; count > 0 && at+12 <= len(tiff); count, at = count-1, at+12 {
		if order.Uint16(tiff[at:]) == 0x0112 {
			if way := int(order.Uint16(tiff[at+8:])); way >= 1 && way <= 8 {
				return way
			}
		}
	}
	return 1
}

// upright turns a picture so that its way up is 1.
func upright(img image.Image, way int) image.Image {
	if way == 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Src)
	size := image.Rect(0, 0, w, h)
	if way >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := target(way, x, y, w, h)
			copy(out.Pix[out.PixOffset(tx, ty):][:4], flat.Pix[flat.PixOffset(x, y):])
		}
	}
	return out
}

// target gives where a pixel of a picture of w by h goes.
func target(way, x, y, w, h int) (int, int) {
	switch way {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

// pngKept are the chunks that a picture needs, also a moving one. PNG, third
// edition, section 11.
var pngKept = []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "acTL", "fcTL", "fdAT"}

func stripPNG(data []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(data)))
	out.Write(data[:8])
	for at := 8; ; {
		if at+12 > len(data) {
			return nil, errShort
		}
		name, next := string(data[at+4:at+8]), at+12+int(binary.BigEndian.Uint32(data[at:]))
		if next > len(data) || next < at {
			return nil, errShort
		}
		if slices.Contains(pngKept, name) {
			out.Write(data[at:next])
		}
		if at = next; name == "IEND" {
			return out.Bytes(), nil
		}
	}
}

// stripWebP leaves out the chunks EXIF and XMP, and says so in the header.
// RFC 9649, section 2.7.
func stripWebP(data []byte) ([]byte, error) {
	out := bytes.NewBuffer(make([]byte, 0, len(data)))
	out.Write(data[:12])
	for at := 12; at+8 <= len(data); {
		size := int(binary.LittleEndian.Uint32(data[at+4:]))
		next := at + 8 + size + size%2
		if next > len(data) || next < at {
			if next-1 != len(data) {
				return nil, errShort
			}
			next--
		}
		if name := string(data[at : at+4]); name != "EXIF" && name != "XMP " {
			out.Write(data[at:next])
		}
		at = next
	}
	b := out.Bytes()
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	if len(b) > 20 && string(b[12:16]) == "VP8X" {
		b[20] &^= 0x08 | 0x04
	}
	return b, nil
}

// moves tells that a PNG or WebP has more pictures than one.
func moves(data []byte) bool {
	if matches(data, "RIFF????WEBPVP8X") {
		return len(data) > 20 && data[20]&0x02 != 0
	}
	head, _, _ := bytes.Cut(data, []byte("IDAT"))
	return matches(data, "\x89PNG") && bytes.Contains(head, []byte("acTL"))
}
