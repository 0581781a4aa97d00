package builder

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"potluck/internal/site"
)

// Doc is one page, known by itself.
type Doc struct {
	Header   *site.Header
	Body     *Body
	Problems []site.Problem

	source   *Source
	places   []place          // of Header.Links
	tops     []bool           // of Header.Headings: lie in no list, quote or other block
	notes    bool             // there are footnotes
	marks    map[string]place // of front matter, see headMarks
	includes bool             // other pages, or parts of them
	moments  []time.Time      // see momentsOf
}

// place is a line and a column of a file, from 1.
type place struct{ line, col int }

// parse makes a Doc of each Markdown file, in the order of their paths, and sets
// the other files aside to be copied.
//
// The Doc of the last build is taken where the file's bytes and the Config are
// the same: parseDoc depends on nothing else. Where only the Header came out the
// same, its address is kept, so that the next stages see that nothing they know changed.
func (n *build) parse(ctx context.Context, prev *build) []*Doc {
	old := prev.docsOf(n.content.sources)
	slots := make([]*Doc, len(n.content.sources))
	fresh := make([]bool, len(slots))
	files := make([]*File, len(slots))
	problems := make([]*site.Problem, len(slots))
	each(ctx, len(slots), func(i int) {
		src := n.content.sources[i]
		d := old[i]
		if d != nil && sameSource(d.source, src) && prev.in.Config == n.in.Config {
			slots[i] = d
			return
		}
		place, err := n.placeOf(src)
		switch {
		case err != nil:
			problems[i] = &site.Problem{Path: "content/" + src.Path, Text: err.Error(), Hint: "rename the file or its folder"}
		case !src.isPage():
			files[i] = &File{src.Path, src.Data, src.Sum, len(src.Data)}
		case n.in.Into != nil:
			slots[i], problems[i] = n.parseOnce(place, src)
			fresh[i] = slots[i] != nil
		default:
			slots[i], fresh[i] = parseDoc(n.in.Config, place, src, nil), true
			if d != nil && reflect.DeepEqual(d.Header, slots[i].Header) {
				slots[i].Header = d.Header
			}
		}
	})
	n.stats.Sources = len(slots)
	var docs []*Doc
	for i, d := range slots {
		if d != nil {
			docs = append(docs, d)
		}
		if fresh[i] {
			n.stats.Parsed++
		}
		if files[i] != nil && files[i].Path == redirectsFile {
			n.content.redirects = n.content.sources[i]
		} else if files[i] != nil {
			n.content.copied = append(n.content.copied, *files[i])
		}
		if problems[i] != nil {
			n.problems = append(n.problems, *problems[i])
		}
	}
	return docs
}

// parseOnce is parse where nothing is kept: of the file only its sum stays.
func (n *build) parseOnce(place site.Place, src *Source) (*Doc, *site.Problem) {
	if n.content.later != nil {
		room := rooms.Get().(*[]byte)
		defer leaveRoom(room)
		if problem := n.content.later.fill(src, *room); problem != nil {
			return nil, problem
		}
		*room = src.Data
	}
	shelf := n.shelves.Get().(*shelf)
	defer n.shelves.Put(shelf)
	d := parseDoc(n.in.Config, place, src, shelf)
	*src = Source{Path: src.Path, Sum: src.Sum}
	return d, nil
}

// rooms are where pages are read, one after the other.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// maxRoom is the largest that is kept for the next page.
const maxRoom = 1 << 20

func leaveRoom(room *[]byte) {
	if cap(*room) <= maxRoom {
		rooms.Put(room)
	}
}

// docsOf finds the pages that files were, by their paths. Both are sorted.
func (n *build) docsOf(sources []*Source) []*Doc {
	found, docs := make([]*Doc, len(sources)), n.docs
	for i, src := range sources {
		for len(docs) > 0 && docs[0].source != src && docs[0].source.Path < src.Path {
			docs = docs[1:]
		}
		if len(docs) > 0 && docs[0].source.Path == src.Path {
			found[i] = docs[0]
		}
	}
	return found
}

// placeOf finds a page's place; for other files it only checks that the name
// can be an address, by the same rules.
func (n *build) placeOf(src *Source) (site.Place, error) {
	if !src.isPage() {
		return n.in.Config.PlaceOf(src.Path + ".md")
	}
	return n.in.Config.PlaceOf(src.Path)
}

// parseDoc is a pure function of the configuration and one file. The shelf is that of markdown.
func parseDoc(cfg *site.Config, pl site.Place, src *Source, s *shelf) *Doc {
	page, problems := site.Parse(cfg, pl, src.Data)
	md := markdown{cfg: cfg, page: page, firstLine: firstLine(src.Data, page.Body), shelf: s}
	d := md.doc()
	d.source = src
	d.marks = headMarks(d.Header, src.Data)
	d.moments = momentsOf(cfg, d.Header)
	d.Problems = append(problems, md.problems...)
	for i := range d.Problems {
		d.Problems[i].Path = "content/" + d.Problems[i].Path
	}
	return d
}

// firstLine gives the line of the file on which the body begins: the body is
// the file's tail, but for blank lines after it.
func firstLine(src []byte, body string) int {
	if bytes.IndexByte(src, '\r') >= 0 {
		src = bytes.ReplaceAll(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	text := bytes.TrimRight(src, " \t\n\v\f")
	return bytes.Count(text, []byte("\n")) - strings.Count(strings.TrimRight(body, "\n"), "\n") + 1
}

// shorten cuts a plain text at the end of a word, to at most n characters and an ellipsis.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	cut := n
	for cut > n*2/3 && !unicode.IsSpace(r[cut]) {
		cut--
	}
	return strings.TrimRightFunc(string(r[:cut]), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

// countWords counts runs of characters that are not white space.
func countWords(s string) int {
	n, before := 0, 1
	for i := 0; i < len(s); {
		blank, size := int(asciiBlank[s[i]]), 1
		if s[i] >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
				blank = 1
			}
		}
		n += before &^ blank
		before = blank
		i += size
	}
	return n
}

var asciiBlank = [256]uint8{' ': 1, '\t': 1, '\n': 1, '\v': 1, '\f': 1, '\r': 1}
