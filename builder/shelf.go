package builder

import (
	"strings"

	"potluck/internal/site"
)

// shelf is where what stays of pages is put together: many texts in one piece of memory,
// many values of one type in another. A site of 50,000 pages would else be millions of
// small objects, each to be found whenever memory is collected, and they would lie
// scattered among what is dropped, whose room then serves nothing else.
//
// A piece stays as long as anything in it. So there is one shelf for each processor while
// a site is built once; the zero shelf, for builds that are kept and built upon, takes
// each thing by itself.
type shelf struct {
	piece    int // how many values are taken at once, at least; texts by bytes, see textPiece
	text     strings.Builder
	html     strings.Builder // of Bodies, which go before the rest
	docs     []Doc
	bodies   []Body
	headers  []site.Header
	headings []site.Heading
	links    []site.Link
	holes    []Hole
	places   []place
	tops     []bool
}

// textPiece is how many bytes of text are taken for each value.
const textPiece = 1 << 10

// carve cuts n values off a room; where it is used up, a new one takes its place.
func carve[T any](room *[]T, n, piece int) []T {
	if len(*room) < n {
		*room = make([]T, max(n, piece))
	}
	part := (*room)[:n:n]
	*room = (*room)[n:]
	return part
}

// kept copies values to a room of the shelf; none are nil.
func kept[T any](s *shelf, room *[]T, values []T) []T {
	if len(values) == 0 {
		return nil
	}
	part := carve(room, len(values), s.piece)
	copy(part, values)
	return part
}

// one is kept for one value.
func one[T any](s *shelf, room *[]T, value T) *T {
	at := &carve(room, 1, s.piece)[0]
	*at = value
	return at
}

// reserve makes room for n bytes more in one piece, and tells where they begin.
func (s *shelf) reserve(b *strings.Builder, n int) (at int) {
	if b.Cap()-b.Len() < n {
		b.Reset()
		b.Grow(max(n, s.piece*textPiece))
	}
	return b.Len()
}

// words copies a text.
func (s *shelf) words(t string) string {
	at := s.reserve(&s.text, len(t))
	s.text.WriteString(t)
	return s.text.String()[at:]
}
