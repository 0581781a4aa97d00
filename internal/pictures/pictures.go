// Package pictures makes pictures fit to be published.
//
//	p, err := pictures.Make(data)               // JPEG, PNG, WebP, GIF
//	p.File                                      // what stands at the picture's own address
//	p.Sizes[0].Data                             // the same, 480 pixels wide
//	cache := pictures.Open("var/cache/pictures") // Make, each picture once
//	p, err = cache.Make(data)
//
// Rules. What a camera wrote beside the picture (place, time, owner) is removed, and the way up it
// says is applied. A picture is scaled to the widths of Widths that are below its own, and never
// enlarged; large ones are brought down to the largest of them. Sizes are JPEG, or PNG where there
// is transparency or a palette. Moving pictures keep their one size.
//
// A picture is measured before it is decoded: a few bytes can promise a billion pixels. Make is a
// pure function of the bytes, so a cache is never wrong and may be deleted at any time.
package pictures

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Widths are those that a picture is offered in, in pixels.
var Widths = []int{480, 960, 1600}

// MaxPixels is the largest picture that is decoded.
const MaxPixels = 40_000_000

// Picture is a picture fit to be published.
type Picture struct {
	Width, Height int // of File
	File          []byte
	Sizes         []Size // smaller ones, the smallest first; may be empty
}

// Size is a picture scaled down.
type Size struct {
	Width int
	Ext   string // .jpg or .png
	Data  []byte
}

// Error says why a picture is refused, and the way out.
type Error struct{ Text, Way string }

func (e *Error) Error() string { return e.Text }

// Hint is one sentence on what to do.
func (e *Error) Hint() string { return e.Way }

const most = 1600 // the last of Widths

// format is how pictures of one kind are read. One that can be written as well
// is written again where it is too wide or does not stand upright.
type format struct {
	magic  string // "?" stands for any byte
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
	strip  func([]byte) ([]byte, error) // takes out what the camera wrote
	turned func([]byte) int             // see orientation
	again  string
}

var formats = []*format{
	{"\xff\xd8\xff", with(jpeg.DecodeConfig), with(jpeg.Decode), stripJPEG, orientation, ".jpg"},
	{"\x89PNG\r\n\x1a\n", with(png.DecodeConfig), with(png.Decode), stripPNG, asItIs, ".png"},
	{"RIFF????WEBP", with(webp.DecodeConfig), with(webp.Decode), stripWebP, asItIs, ""},
	{"GIF8", with(gif.DecodeConfig), nil, whole, nil, ""},
}

func asItIs([]byte) int                 { return 1 }
func whole(data []byte) ([]byte, error) { return data, nil }

// with reads from bytes what the libraries read from a stream.
func with[T any](read func(io.Reader) (T, error)) func([]byte) (T, error) {
	return func(b []byte) (T, error) { return read(bytes.NewReader(b)) }
}

func formatOf(data []byte) *format {
	for _, f := range formats {
		if matches(data, f.magic) {
			return f
		}
	}
	return nil
}

func matches(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != data[i] {
			return false
		}
	}
	return true
}

// large lets one large picture be decoded at a time: each takes hundreds of megabytes.
var large sync.Mutex

// Make makes a picture fit to be published. The error is an *Error.
func Make(data []byte) (*Picture, error) {
	f, c, err := measure(data)
	if err != nil {
		return nil, err
	}
	if c.Width*c.Height > MaxPixels/4 {
		large.Lock()
		defer large.Unlock()
	}
	return publish(f, data, c)
}

// measure tells what a picture is, before it is decoded.
func measure(data []byte) (*format, image.Config, error) {
	f := formatOf(data)
	if f == nil {
		return nil, image.Config{}, &Error{"this is not a picture that browsers show", "save it as JPEG, PNG or WebP"}
	}
	c, err := f.config(data)
	if err != nil {
		return nil, c, broken(err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxPixels/c.Height {
		return nil, c, &Error{fmt.Sprintf("the picture has %d × %d pixels, and may have 40 million", c.Width, c.Height), "save it smaller; 1600 pixels wide is enough"}
	}
	return f, c, nil
}

func broken(err error) error {
	return &Error{"the picture cannot be read: " + err.Error(), "open it in a program for pictures and save it again"}
}

func publish(f *format, data []byte, c image.Config) (*Picture, error) {
	file, err := f.strip(data)
	if err != nil {
		return nil, broken(err)
	}
	p := &Picture{Width: c.Width, Height: c.Height, File: file}
	if f.decode == nil || moves(data) {
		return p, nil
	}
	img, err := f.decode(data)
	if err != nil {
		return nil, broken(err)
	}
	way := f.turned(data)
	img = upright(img, way)
	if f.again != "" && (way > 1 || c.Width > most) {
		err = p.remake(f.again, img)
	}
	if err == nil {
		err = p.scale(img)
	}
	return p, err
}

// remake makes the file anew from what was decoded: upright, and not too wide.
func (p *Picture) remake(ext string, img image.Image) (err error) {
	if img.Bounds().Dx() > most {
		img = shrink(img, most)
	}
	p.Width, p.Height = img.Bounds().Dx(), img.Bounds().Dy()
	p.File, err = encode(img, ext)
	return err
}

// scale makes the sizes, each from the next larger one. One that takes no fewer
// bytes than the file is of no use.
func (p *Picture) scale(img image.Image) error {
	ext := ".jpg"
	if !opaque(img) {
		ext = ".png"
	}
	for _, width := range slices.Backward(Widths) {
		if width >= p.Width {
			continue
		}
		img = shrink(img, width)
		data, err := encode(img, ext)
		if err != nil {
			return err
		}
		if len(data) < len(p.File) {
			p.Sizes = slices.Insert(p.Sizes, 0, Size{width, ext, data})
		}
	}
	return nil
}

// opaque tells that a picture can be a JPEG: it lets nothing shine through, and
// is not drawn with few colours.
func opaque(img image.Image) bool {
	_, drawn := img.(*image.Paletted)
	o, ok := img.(interface{ Opaque() bool })
	return !drawn && (!ok || o.Opaque())
}

func shrink(img image.Image, width int) image.Image {
	b := img.Bounds()
	height := max(1, (b.Dy()*width+b.Dx()/2)/b.Dx())
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}

func encode(img image.Image, ext string) ([]byte, error) {
	var b bytes.Buffer
	if ext == ".png" {
		err := png.Encode(&b, img)
		return b.Bytes(), err
	}
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80})
	return b.Bytes(), err
}

// Anew makes a picture that somebody sent: decoded and written again, upright, no wider than
// the largest of Widths, so that nothing of the bytes that came is left. Of a moving picture
// the first one stays. The error is an *Error.
func Anew(data []byte) (made []byte, ext string, err error) {
	f, c, err := measure(data)
	if err != nil {
		return nil, "", err
	}
	if c.Width*c.Height > MaxPixels/4 {
		large.Lock()
		defer large.Unlock()
	}
	img, err := f.still(data)
	if err != nil {
		return nil, "", broken(err)
	}
	if f.turned != nil {
		img = upright(img, f.turned(data))
	}
	if img.Bounds().Dx() > most {
		img = shrink(img, most)
	}
	if ext = ".jpg"; !opaque(img) {
		ext = ".png"
	}
	made, err = encode(img, ext)
	return made, ext, err
}

// still decodes a picture, or the first of a moving one.
func (f *format) still(data []byte) (image.Image, error) {
	if f.decode == nil {
		return gif.Decode(bytes.NewReader(data))
	}
	return f.decode(data)
}
