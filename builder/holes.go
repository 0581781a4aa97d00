package builder

import (
	"bytes"
	"html"
	"iter"
	"strconv"
	"strings"

	"potluck/internal/site"
)

// Body is rendered Markdown. What depends on other pages, on other files or on
// the theme is still missing in it: there are Holes, in the order of HTML.
type Body struct {
	HTML  string
	Holes []Hole
}

// Hole is a place in a Body, and what is to stand there.
type Hole struct {
	At   int
	Kind byte
	N    int    // of Header.Links or Header.Headings
	Word string // for wordHole: the key of the theme's words
}

// The kinds of holes.
const (
	linkHole    = 'l' // the address of link N
	pictureHole = 'p' // the attributes of an img, src among them, for link N
	includeHole = 'i' // the body of the page that link N leads to
	headingHole = 'h' // the attribute id of heading N
	wordsHole   = 'w' // words of the theme
)

// In goldmark's output a hole is NUL, kind, number or key, NUL. No other byte of
// it can be NUL: site.Parse lets none pass, and goldmark turns &#0; into U+FFFD.

func appendHole(b []byte, kind byte, n int) []byte {
	return append(strconv.AppendInt(append(b, 0, kind), int64(n), 10), 0)
}

func wordHole(key string) string { return "\x00" + string(byte(wordsHole)) + key + "\x00" }

// body takes the holes out of HTML, and keeps the rest.
func (s *shelf) body(out []byte) *Body {
	from := s.reserve(&s.html, len(out))
	holes := carve(&s.holes, bytes.Count(out, []byte{0})/2, s.piece)
	for i := range holes {
		before, after, _ := bytes.Cut(out, []byte{0})
		what, rest, _ := bytes.Cut(after, []byte{0})
		s.html.Write(before)
		h := Hole{At: s.html.Len() - from, Kind: what[0]}
		if h.Kind == wordsHole {
			h.Word = s.words(string(what[1:]))
		} else {
			h.N, _ = strconv.Atoi(string(what[1:]))
		}
		holes[i], out = h, rest
	}
	s.html.Write(out)
	return one(s, &s.bodies, Body{s.html.String()[from:], holes})
}

// fill puts into each hole what belongs there, as HTML.
func (b *Body) fill(fills []string) string {
	if len(b.Holes) == 0 {
		return b.HTML
	}
	size := len(b.HTML)
	for _, f := range fills {
		size += len(f)
	}
	var s strings.Builder
	s.Grow(size)
	for piece := range b.pieces(fills) {
		s.WriteString(piece)
	}
	return s.String()
}

// pieces gives HTML and what fills its holes, in order.
func (b *Body) pieces(fills []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		at := 0
		for i, hole := range b.Holes {
			if !yield(b.HTML[at:hole.At]) || !yield(fills[i]) {
				return
			}
			at = hole.At
		}
		yield(b.HTML[at:])
	}
}

// alone gives the fills of a page from a form that is not published yet: its
// links lead where they say.
func (d *Doc) alone() []string {
	fills := make([]string, len(d.Body.Holes))
	for i, h := range d.Body.Holes {
		switch h.Kind {
		case linkHole:
			fills[i] = escapeURL(d.Header.Links[h.N].Dest)
		case headingHole:
			fills[i] = idOf(d.Header.Headings[h.N])
		}
	}
	return fills
}

func idOf(h site.Heading) string { return ` id="` + html.EscapeString(h.ID) + `"` }
