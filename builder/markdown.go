package builder

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"potluck/internal/site"
)

// maxProblems is how many faults of one body are listed.
const maxProblems = 50

// address is the attribute of an AutoLink that holds its hole. One without it
// must not be a link.
const address = "address"

// Pages are written in CommonMark with the tables, tasks, addresses and struck
// words of GFM, footnotes and definition lists. Beyond that:
//
//	## At night {#night}      a heading with an anchor of its own; without one it
//	                          takes that of the default language's page (see headings)
//	> [!NOTE]                 a notice: NOTE, TIP, IMPORTANT, WARNING or CAUTION
//	:::details Title          see directive
//	:::include other.md#part
//	"words" -- it's...        quotes and dashes of the language (see smart)
//	+1 555 0134               stays in order on a page read from the right (see numbers)
//	html = true               in the front matter: some HTML (see htmlPolicy)
//
// Ordered lists of procedures are steps. Pages from forms have no HTML, pictures,
// notices or directives. Everything of goldmark is in the files markdown*.go.

// schemes are those that a link may have. What is not here can run a script,
// read a file or do what a reader does not expect.
var schemes = []string{"http", "https", "mailto", "tel", "sms", "geo", "xmpp", "matrix", "webcal"}

// schemeOf gives what stands before the colon of an address (RFC 3986, section
// 3.1); "" where it has no scheme.
func schemeOf(dest string) string {
	for i := range len(dest) {
		switch c := dest[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '.' || c == '-'):
		case i > 0 && c == ':':
			return dest[:i]
		default:
			return ""
		}
	}
	return ""
}

// markdown renders the body of one page.
type markdown struct {
	cfg       *site.Config
	page      *site.Page
	firstLine int               // of the body, in the file
	engine    goldmark.Markdown // nil: the least that the body needs

	*bench
	shelf    *shelf // for what stays; nil: one of its own
	header   *site.Header
	notes    bool // there are footnotes
	guest    bool // the page comes from a submission
	proposed bool // and is not published yet
	problems []site.Problem
}

// bench is what a body is worked on, one page after the other. What is to stay of a
// page is copied to a shelf.
type bench struct {
	src      []byte
	lines    []int          // offsets of line starts; none before they are wanted
	ids      map[string]int // anchors in use, and the last number given to each
	headings []site.Heading
	tops     []bool // of headings: they lie in nothing else
	links    []site.Link
	places   []place // of links
	out      []byte  // HTML
}

var benches = sync.Pool{New: func() any { return &bench{ids: map[string]int{}} }}

// leave clears the bench for the next page.
func (b *bench) leave() {
	clear(b.ids)
	clear(b.headings)
	clear(b.links)
	*b = bench{src: b.src[:0], lines: b.lines[:0], ids: b.ids, headings: b.headings[:0], tops: b.tops[:0], links: b.links[:0], places: b.places[:0], out: b.out[:0]}
	if max(cap(b.src), cap(b.out)) <= maxRoom {
		benches.Put(b)
	}
}

// doc renders the body and gathers the header.
func (m *markdown) doc() *Doc {
	p := m.page
	s := cmp.Or(m.shelf, &shelf{})
	m.shelf = s
	m.header = one(s, &s.headers, site.Header{Place: p.Place, Kind: p.Kind, Meta: p.Meta, Words: (countWords(p.Body) + 49) / 50 * 50})
	m.bench = benches.Get().(*bench)
	defer m.bench.leave()
	m.src = plainReferences(append(m.src, p.Body...))
	m.ids["main"], m.ids["top"] = 1, 1 // of the frame
	kind := m.cfg.Kind(p.Kind)
	m.guest = m.proposed || kind != nil && kind.Form
	body, ok := m.render()
	if !ok {
		if m.header.Summary == "" {
			m.header.Summary = shorten(strings.Join(strings.Fields(p.Body[:min(len(p.Body), 2000)]), " "), 200)
		}
		return one(s, &s.docs, Doc{Header: m.header, Body: &Body{HTML: plainParagraphs(p.Body)}})
	}
	m.header.Headings, m.header.Links = kept(s, &s.headings, m.headings), kept(s, &s.links, m.links)
	includes := slices.ContainsFunc(m.links, func(k site.Link) bool { return k.Include })
	return one(s, &s.docs, Doc{Header: m.header, Body: body, places: kept(s, &s.places, m.places), tops: kept(s, &s.tops, m.tops), notes: m.notes, includes: includes})
}

func (m *markdown) render() (*Body, bool) {
	if at, why := tooHard(m.page.Body); why != "" {
		m.add(at, site.Error, "write it more simply; until then it is shown as plain text", "%s", why)
		return nil, false
	}
	if m.engine == nil {
		m.engine = engine(m.needs())
	}
	root := m.engine.Parser().Parse(text.NewReader(m.src), parser.WithContext(m.context()))
	m.prepare(root)
	if m.page.HTML && !m.guest {
		m.allowHTML(root)
	}
	out := htmlWriter{b: m.out}
	err := m.engine.Renderer().Render(&out, m.src, root)
	if m.out = out.b; err != nil {
		m.add(0, site.Error, "it is shown as plain text", "the text cannot be rendered: %s", err)
		return nil, false
	}
	return m.shelf.body(out.b), true
}

var numericReference = regexp.MustCompile(`&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));`)

// plainReferences rids a body of those numeric references, such as &#8238;, that stand for a
// character which could not be in the text itself. They become as many zeros, which goldmark takes
// for U+FFFD, so that every other byte stays where it is.
func plainReferences(src []byte) []byte {
	if !bytes.Contains(src, []byte("&#")) {
		return src
	}
	for _, at := range numericReference.FindAllSubmatchIndex(src, -1) {
		digits, bases := src[max(at[2], at[4]):at[1]-1], []int{10, 0} // goldmark takes 010 for octal
		if at[2] > 0 {
			bases = []int{16}
		}
		for _, base := range bases {
			if n, err := strconv.ParseUint(string(digits), base, 31); err == nil && site.Misleads(rune(n)) {
				copy(digits, strings.Repeat("0", len(digits)))
			}
		}
	}
	return src
}

// htmlWriter is memory as goldmark likes to write to it.
type htmlWriter struct {
	b        []byte
	headings int // that were written
}

func (w *htmlWriter) Write(p []byte) (int, error)       { w.b = append(w.b, p...); return len(p), nil }
func (w *htmlWriter) WriteString(s string) (int, error) { w.b = append(w.b, s...); return len(s), nil }
func (w *htmlWriter) WriteByte(c byte) error            { w.b = append(w.b, c); return nil }
func (w *htmlWriter) WriteRune(r rune) (int, error) {
	before := len(w.b)
	w.b = utf8.AppendRune(w.b, r)
	return len(w.b) - before, nil
}
func (w *htmlWriter) Available() int { return cap(w.b) - len(w.b) }
func (w *htmlWriter) Buffered() int  { return 0 }
func (w *htmlWriter) Flush() error   { return nil }

// context tells the parsers of this package whose words they read.
func (m *markdown) context() parser.Context {
	pc := parser.NewContext()
	if !m.guest {
		pc.Set(marksKey, marksOf[m.page.Language()])
	}
	pc.Set(guestKey, m.guest)
	pc.Set(leftwardKey, langDir(m.page.Lang) == "rtl")
	return pc
}

// prepare walks the tree in the order of rendering: it shifts headings and gives
// them ids, decides on links, and takes out what must not pass.
func (m *markdown) prepare(root ast.Node) {
	section := m.page.Title
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			m.heading(n)
			section = m.headings[len(m.headings)-1].Text
		case *ast.Paragraph:
			if m.header.Summary == "" {
				m.header.Summary = m.shelf.words(shorten(m.plain(n), 200))
			}
		case *ast.Blockquote:
			m.notice(n)
		case *ast.List:
			m.steps(n)
		case *directive:
			m.directive(n)
		case *extast.FootnoteList:
			m.notes = true
		case *ast.Link:
			m.link(n)
		case *ast.Image:
			if m.image(n) {
				return ast.WalkSkipChildren, nil
			}
		case *ast.AutoLink:
			m.autolink(n)
			return ast.WalkSkipChildren, nil
		case *ast.RawHTML, *ast.HTMLBlock:
			m.html(n)
		case *extast.Table:
			n.SetAttributeString("aria-label", section)
		}
		return ast.WalkContinue, nil
	})
}

func (m *markdown) heading(n *ast.Heading) {
	if n.Level == 1 {
		m.add(n.Pos(), site.Warning, "begin it with ##", "a heading with one # is the page's title, which comes from the front matter")
		n.Level = 2
	}
	id, own := m.ownID(n)
	words := m.plain(n)
	if !own {
		id = m.id(words)
	}
	m.headings = append(m.headings, site.Heading{Level: n.Level, ID: m.shelf.words(id), Text: m.shelf.words(words), Own: own})
	_, top := n.Parent().(*ast.Document)
	m.tops = append(m.tops, top)
}

var ownID = regexp.MustCompile(`[ \t]*\{#([^\s{}]*)\}$`)

// ownID takes {#id} off the end of a heading: an anchor that its author chose.
func (m *markdown) ownID(n *ast.Heading) (string, bool) {
	last, ok := n.LastChild().(*ast.Text)
	if !ok {
		return "", false
	}
	words := last.Segment.Value(m.src)
	if !bytes.HasSuffix(words, []byte("}")) {
		return "", false // as nearly all
	}
	at := ownID.FindSubmatchIndex(words)
	if at == nil {
		return "", false
	}
	id := string(words[at[2]:at[3]])
	place := last.Segment.Start + at[2]
	last.Segment = last.Segment.WithStop(last.Segment.Start + at[0])
	switch {
	case id == "" || id != anchor(id):
		m.add(place, site.Warning, fmt.Sprintf("write {#%s}", cmp.Or(anchor(id), "name")), "%q cannot be the name of a heading", id)
		return "", false
	case m.ids[id] > 0:
		m.add(place, site.Warning, "choose another name", "there is a heading #%s already", id)
		return "", false
	}
	m.ids[id] = 1
	return id, true
}

// id makes an anchor of a heading: its letters and digits in any script, small,
// with "-" between. It is the same as long as the heading and those before it are.
func (m *markdown) id(words string) string {
	id := cmp.Or(anchor(words), "section")
	base := id
	for n := m.ids[base]; m.ids[id] > 0; {
		n++
		id = base + "-" + strconv.Itoa(n)
		m.ids[base] = n
	}
	m.ids[id] = 1
	return id
}

func anchor(words string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), "-")
}

// link keeps a link with a hole, or leaves only its words.
func (m *markdown) link(n *ast.Link) {
	dest, ok := m.allowed(string(n.Destination), n.Pos())
	n.Destination = nil
	if ok {
		n.Destination = m.keep(linkHole, site.Link{Dest: dest}, n.Pos())
		m.mark(n, dest)
	}
}

// keep files a link and gives the hole for it.
func (m *markdown) keep(kind byte, k site.Link, offset int) []byte {
	line, col := m.position(offset)
	k.Dest = m.shelf.words(k.Dest)
	m.links = append(m.links, k)
	m.places = append(m.places, place{line, col})
	return appendHole(nil, kind, len(m.links)-1)
}

// mark tells search engines that the words of strangers do not vouch for what
// they link to, and readers that a link leads to another site.
func (m *markdown) mark(n ast.Node, dest string) {
	switch {
	case m.guest:
		n.SetAttributeString("rel", "nofollow ugc")
	case strings.HasPrefix(dest, "http") && isExternal(dest) && !strings.HasPrefix(dest, m.cfg.BaseURL):
		n.SetAttributeString("class", "external")
		n.SetAttributeString("rel", "external")
	}
}

// autolink keeps an address that stands in the text as it is, or leaves only its words.
func (m *markdown) autolink(n *ast.AutoLink) {
	dest := string(n.URL(m.src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
		dest = "mailto:" + dest
	}
	dest, ok := m.permitted(dest, n.Pos())
	if !ok {
		return
	}
	n.SetAttributeString(address, m.keep(linkHole, site.Link{Dest: dest}, n.Pos()))
	m.mark(n, dest)
}

// image keeps a picture of this site. Others would tell a stranger who reads
// the page; of those, and of those in submissions, the words remain.
func (m *markdown) image(n *ast.Image) (kept bool) {
	dest, ok := m.allowed(string(n.Destination), n.Pos())
	n.Destination = nil
	switch {
	case !ok:
	case m.guest:
		m.add(n.Pos(), site.Warning, "pages from forms show words only", "the picture is left out")
	case isExternal(dest):
		m.add(n.Pos(), site.Error, "put the picture into the folder of the page", "a picture from another site is left out")
	default:
		if len(m.plain(n)) == 0 {
			m.add(n.Pos(), site.Warning, "write what it shows: ![two people carry a sofa](sofa.jpg)", "the picture has no words for those who cannot see it")
		}
		n.Destination = m.keep(pictureHole, site.Link{Dest: dest, Image: true}, n.Pos())
		return true
	}
	return false
}

// allowed gives a destination as a browser will read it, and whether it may be linked.
func (m *markdown) allowed(raw string, offset int) (string, bool) {
	if !strings.ContainsAny(raw, `\&`) {
		return m.permitted(raw, offset)
	}
	return m.permitted(string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations([]byte(raw))))), offset)
}

func (m *markdown) permitted(raw string, offset int) (string, bool) {
	dest := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1 // browsers pass over tabs and line ends in an address
		}
		return r
	}, raw))
	scheme := schemeOf(dest)
	if scheme == "" || slices.Contains(schemes, strings.ToLower(scheme)) {
		return dest, true
	}
	if strings.HasSuffix(strings.SplitN(dest, ":", 2)[0], ".md") {
		return dest, true
	}
	m.add(offset, site.Error, "use a link that begins with https:, mailto: or tel:", "a link cannot begin with %q", scheme+":")
	return "", false
}

// isExternal tells that a destination is not a page of this site.
func isExternal(dest string) bool {
	return schemeOf(dest) != "" || strings.HasPrefix(dest, "//") || strings.HasPrefix(dest, `\\`) || strings.HasPrefix(dest, `/\`)
}

// plain gives the words of a node, without marks. It is long enough for a title.
func (m *markdown) plain(n ast.Node) string {
	var s strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		switch c := c.(type) {
		case *ast.Text:
			if entering {
				m.writePlain(&s, c)
			}
		case *ast.String:
			if entering {
				s.WriteString(html.UnescapeString(string(c.Value)))
			}
		case *ast.AutoLink:
			if entering {
				s.Write(c.Label(m.src))
			}
		case *extast.FootnoteLink, *ast.RawHTML:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(s.String()), " ")
}

func (m *markdown) writePlain(s *strings.Builder, t *ast.Text) {
	v := t.Segment.Value(m.src)
	if t.Parent().Kind() != ast.KindCodeSpan {
		v = util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(v)))
	}
	s.Write(v)
	if t.SoftLineBreak() || t.HardLineBreak() {
		s.WriteByte(' ')
	}
}

func (m *markdown) add(offset int, severity site.Severity, hint, format string, args ...any) {
	if len(m.problems) == maxProblems {
		return
	}
	line, col := m.position(offset)
	m.problems = append(m.problems, site.Problem{Path: m.page.Path, Line: line, Col: col, Severity: severity, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// position gives the place in the file of an offset in the body.
func (m *markdown) position(offset int) (line, col int) {
	if len(m.lines) == 0 {
		m.lines = append(m.lines, 0)
		for i, c := range m.src {
			if c == '\n' {
				m.lines = append(m.lines, i+1)
			}
		}
	}
	offset = max(offset, 0)
	i, found := slices.BinarySearch(m.lines, offset)
	if !found {
		i--
	}
	return m.firstLine + i, offset - m.lines[i] + 1
}

// escapeURL makes an address fit for an attribute in quotes.
func escapeURL(s string) string {
	if isAll(s, &inAddresses) {
		return s
	}
	return string(util.EscapeHTML(util.URLEscape([]byte(s), false)))
}

// inAddresses are the bytes that escapeURL leaves as they are.
var inAddresses = bytesOf(inAnyPath + "ABCDEFGHIJKLMNOPQRSTUVWXYZ:?#=~@+")

// plainParagraphs shows text as it was written.
func plainParagraphs(body string) string {
	var s strings.Builder
	for _, p := range strings.Split(body, "\n\n") {
		if strings.TrimSpace(p) != "" {
			s.WriteString("<p>" + html.EscapeString(strings.Trim(p, "\n")) + "</p>\n")
		}
	}
	return s.String()
}

// unescapePath decodes the escapes of a path; one that cannot be decoded stays.
func unescapePath(p string) string {
	if s, err := url.PathUnescape(p); err == nil {
		return s
	}
	return p
}
