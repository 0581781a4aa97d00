package builder

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Outside is an address of another site, and where a page names it.
type Outside struct {
	Address string // http or https, without what follows #
	Path    string // as in a Problem
	Line    int
	Col     int
}

// External gives the addresses of other sites in the pages that the last build
// showed: in their texts, and in fields that hold one. They are sorted by place.
func (b *Builder) External() []Outside {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		return nil
	}
	var all []Outside
	for _, d := range b.last.index.docs {
		add := func(address string, at place) {
			address, _, _ = strings.Cut(address, "#")
			if web(address) && !strings.HasPrefix(address, b.last.in.Config.BaseURL) {
				all = append(all, Outside{address, "content/" + d.Header.Path, at.line, at.col})
			}
		}
		for i, k := range d.Header.Links {
			add(k.Dest, d.places[i])
		}
		for _, f := range b.last.in.Config.Kind(d.Header.Kind).Fields {
			if f.Type == site.URL {
				add(d.Header.Str(f.Name), d.field(f.Name))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Outside) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), a.Line-b.Line, a.Col-b.Col)
	})
	return all
}

func web(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
}

// field finds the line of front matter that a field stands on.
func (d *Doc) field(name string) (at place) {
	n := 0
	for line := range bytes.Lines(d.source.Data) {
		n++
		key, _, found := bytes.Cut(line, []byte("="))
		if found && string(bytes.TrimSpace(key)) == name {
			return place{n, 1}
		}
	}
	return place{}
}
