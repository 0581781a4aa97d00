package pictures

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// photo is red on the left half, blue on the right.
func photo(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 200, G: uint8(x * y), A: 255}
			if x >= w/2 {
				c = color.RGBA{B: 200, G: uint8(x * y), A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t *testing.T, img image.Image, way byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := "Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(rune(way)) + "\x00\x00\x00\x00\x00\x00\x00at home 52.1N"
	app := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(tiff)+2))
	return bytes.Join([][]byte{b.Bytes()[:2], app, []byte(tiff), b.Bytes()[2:], []byte("after the end, at home")}, nil)
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func chunk(name, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, name+data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

func must(t *testing.T, data []byte) *Picture {
	t.Helper()
	p, err := Make(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append([]Size{{Data: p.File}}, p.Sizes...) {
		if bytes.Contains(b.Data, []byte("at home")) {
			t.Error("what the camera wrote is still there")
		}
	}
	return p
}

func size(t *testing.T, data []byte) (w, h int, format string) {
	t.Helper()
	c, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return c.Width, c.Height, format
}

func TestSizes(t *testing.T) {
	alpha, noise := image.NewNRGBA(image.Rect(0, 0, 1000, 100)), rand.New(rand.NewPCG(1, 2))
	for i := range alpha.Pix {
		alpha.Pix[i] = byte(noise.Uint32())
	}
	drawn := image.NewPaletted(image.Rect(0, 0, 500, 400), []color.Color{color.Black, color.White})
	for name, c := range map[string]struct {
		data   []byte
		w, h   int
		format string
		sizes  []int
		ext    string
	}{
		"large":   {jpegOf(t, photo(2000, 1000), 1), 1600, 800, "jpeg", []int{480, 960}, ".jpg"},
		"middle":  {jpegOf(t, photo(1000, 100), 1), 1000, 100, "jpeg", []int{480, 960}, ".jpg"},
		"small":   {jpegOf(t, photo(480, 48), 1), 480, 48, "jpeg", nil, ""},
		"upright": {jpegOf(t, photo(700, 100), 6), 100, 700, "jpeg", nil, ""},
		"png":     {pngOf(t, photo(1000, 100)), 1000, 100, "png", []int{480}, ".jpg"},
		"alpha":   {pngOf(t, alpha), 1000, 100, "png", []int{480, 960}, ".png"},
		"drawn":   {pngOf(t, drawn), 500, 400, "png", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := must(t, c.data)
			w, h, format := size(t, p.File)
			if w != c.w || h != c.h || p.Width != w || p.Height != h || format != c.format {
				t.Errorf("%d × %d %s, says %d × %d", w, h, format, p.Width, p.Height)
			}
			var widths []int
			for _, s := range p.Sizes {
				w, _, _ := size(t, s.Data)
				if widths = append(widths, s.Width); w != s.Width || s.Ext != c.ext {
					t.Errorf("%d is %d wide, %s", s.Width, w, s.Ext)
				}
			}
			if !reflect.DeepEqual(widths, c.sizes) {
				t.Errorf("sizes %v", widths)
			}
		})
	}
}

// A picture that was taken sideways stands upright: the red half was left, and
// for way 6 is at the top.
func TestUpright(t *testing.T) {
	for way, want := range map[byte]image.Point{1: {8, 16}, 2: {56, 16}, 3: {56, 16}, 4: {8, 16}, 5: {16, 8}, 6: {16, 8}, 7: {16, 56}, 8: {16, 56}} {
		img, err := jpeg.Decode(bytes.NewReader(must(t, jpegOf(t, photo(64, 32), way)).File))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := img.At(want.X, want.Y).RGBA(); r < b {
			t.Errorf("way %d: %v is not red", way, want)
		}
	}
}

func TestOthers(t *testing.T) {
	plain, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	if err != nil {
		t.Fatal(err)
	}
	extended := "VP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00" + string(plain[12:]) + "EXIF\x07\x00\x00\x00at home\x00"
	webp := append([]byte("RIFF____WEBP"), extended...)
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	if p := must(t, webp); p.Width != 1 || p.File[20] != 0 || len(p.File) >= len(webp) {
		t.Errorf("%d wide, %q", p.Width, p.File)
	}
	still := string(pngOf(t, photo(600, 8)))
	moving := still[:33] + chunk("acTL", "\x00\x00\x00\x01\x00\x00\x00\x00") + chunk("tEXt", "Comment\x00at home") + still[33:]
	if p := must(t, []byte(moving)); len(p.Sizes) > 0 || !bytes.Contains(p.File, []byte("acTL")) {
		t.Error("a moving picture does not move")
	}
}

// What is refused is refused before it is decoded, with a way out.
func TestRefused(t *testing.T) {
	bomb := "\x89PNG\r\n\x1a\n" + chunk("IHDR", "\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00") + chunk("IDAT", "") + chunk("IEND", "")
	whole := string(jpegOf(t, photo(64, 64), 1))
	for text, data := range map[string]string{
		"65536 × 65536 pixels": bomb, "not a picture": "meow", "cannot be read": whole[:len(whole)/2], "cannot be read: ": "\x89PNG\r\n\x1a\n",
	} {
		_, err := Make([]byte(data))
		var e *Error
		if !errors.As(err, &e) || e.Hint() == "" || !strings.Contains(e.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Bytes that were cut or changed anywhere never do harm.
func FuzzMake(f *testing.F) {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, photo(16, 8), nil)
	f.Add(b.Bytes())
	f.Add([]byte("RIFF____WEBPVP8X"))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := Make(data); err == nil && (len(p.File) == 0 || p.Width < 1) {
			t.Errorf("%v", p)
		}
	})
}

func TestCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var/cache/pictures")
	data := jpegOf(t, photo(1000, 100), 1)
	first, err := Open(dir).Make(data)
	if err != nil {
		t.Fatal(err)
	}
	c := Open(dir)
	if kept := read(c.name(data)); !reflect.DeepEqual(kept, first) {
		t.Error("the picture was not kept")
	}
	if err := os.Truncate(c.name(data), 100); err != nil {
		t.Fatal(err)
	}
	if again, err := c.Make(data); err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("after damage: %v", err)
	}
}

// TestAnew: what somebody sends is written again: upright, not too wide, without a byte of
// what came along.
func TestAnew(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, photo(40, 20), nil); err != nil {
		t.Fatal(err)
	}
	clear := photo(40, 20)
	clear.SetRGBA(0, 0, color.RGBA{})
	for name, c := range map[string]struct {
		data []byte
		w, h int
		ext  string
	}{
		"a photo":         {jpegOf(t, photo(60, 30), 6), 30, 60, ".jpg"},
		"a wide one":      {jpegOf(t, photo(3200, 16), 1), 1600, 8, ".jpg"},
		"one with holes":  {append(pngOf(t, clear), "at home"...), 40, 20, ".png"},
		"a moving one":    {append(moving.Bytes(), "at home"...), 40, 20, ".png"},
		"drawn, no holes": {pngOf(t, photo(40, 20)), 40, 20, ".jpg"},
	} {
		made, ext, err := Anew(c.data)
		if err != nil || ext != c.ext || bytes.Contains(made, []byte("at home")) {
			t.Errorf("%s: %v %s", name, err, ext)
			continue
		}
		if w, h, _ := size(t, made); w != c.w || h != c.h {
			t.Errorf("%s: %d × %d", name, w, h)
		}
	}
	for name, data := range map[string][]byte{"nothing": nil, "a program": []byte("MZ"), "cut off": jpegOf(t, photo(60, 30), 1)[:300]} {
		var e *Error
		if _, _, err := Anew(data); !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
