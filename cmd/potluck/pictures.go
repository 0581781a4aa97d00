package main

import (
	"potluck/builder"
	"potluck/internal/pictures"
)

// pictures makes pictures fit to be published, each once: what was made is kept
// in var/cache/pictures.
func (n *network) pictures() func([]byte) (*builder.Picture, error) {
	cache := pictures.Open(n.path("var", "cache", "pictures"))
	return func(data []byte) (*builder.Picture, error) {
		p, err := cache.Make(data)
		if err != nil {
			return nil, err
		}
		out := &builder.Picture{Width: p.Width, Height: p.Height, File: p.File}
		for _, s := range p.Sizes {
			out.Sizes = append(out.Sizes, builder.PictureSize(s))
		}
		return out, nil
	}
}
