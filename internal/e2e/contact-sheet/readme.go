package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/chromedp"

	"potluck/internal/e2e"
)

// phones are the screens of the second picture, side by side.
var phones = []struct {
	path string
	dark bool
}{{"", false}, {"forms/request/", false}, {"resources/old-mill-food-pantry/", false}, {"ar/map/", true}}

// forReadme writes home.png, a screen of the front page, and phones.png.
func forReadme(s *e2e.Server, dir string) error {
	home, err := screen(s, "", e2e.Look{Width: 1280, Height: 900})
	if err == nil {
		err = save(home, filepath.Join(dir, "home.png"))
	}
	const width, height, gap = 320, 640, 16
	row := image.NewRGBA(image.Rect(0, 0, len(phones)*(width+gap)-gap, height))
	draw.Draw(row, row.Bounds(), image.White, image.Point{}, draw.Src)
	for i, p := range phones {
		if err != nil {
			return err
		}
		var one image.Image
		if one, err = screen(s, p.path, e2e.Look{Width: width, Height: height, Dark: p.dark}); err == nil {
			draw.Draw(row, image.Rect(i*(width+gap), 0, i*(width+gap)+width, height), one, image.Point{}, draw.Src)
		}
	}
	if err != nil {
		return err
	}
	return save(row, filepath.Join(dir, "phones.png"))
}

// screen gives what a person sees of a page before she scrolls.
func screen(s *e2e.Server, path string, look e2e.Look) (image.Image, error) {
	ctx, cancel, err := e2e.Browser(look)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var shot []byte
	if err := chromedp.Run(ctx, s.Go(e2e.Stop{Path: path}), chromedp.CaptureScreenshot(&shot)); err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(shot))
}

// save writes a picture in its 256 most common colours: a third of the bytes, and no
// difference that can be seen on pages of a few flat colours.
func save(m image.Image, file string) error {
	count := map[color.RGBA]int{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)]++
		}
	}
	var all color.Palette
	for c := range count {
		all = append(all, c)
	}
	rank := func(c color.Color) int {
		r := c.(color.RGBA)
		return -count[r]<<24 | int(r.R)<<16 | int(r.G)<<8 | int(r.B)
	}
	slices.SortFunc(all, func(a, b color.Color) int { return cmp.Compare(rank(a), rank(b)) })
	flat := image.NewPaletted(b, all[:min(len(all), 256)])
	draw.Draw(flat, b, m, b.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, flat); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}
