package builder

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"potluck/internal/site"
)

// hole stands in goldmark's output where an address will come. No other byte of
// it can be NUL: site.Parse lets none pass, and goldmark turns &#0; into U+FFFD.
const hole = 0

// maxProblems is how many faults of one body are listed.
const maxProblems = 50

// refused marks an AutoLink that must not be one.
const refused = "refused"

// engine is safe for use by many goroutines.
var engine = goldmark.New(
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
		extension.Strikethrough, extension.Linkify, extension.TaskList, extension.Footnote,
	),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(nodes{}, 100))),
)

// schemes are those that a link may have. What is not here can run a script,
// read a file or do what a reader does not expect.
var schemes = []string{"http", "https", "mailto", "tel", "sms", "geo", "xmpp", "matrix", "webcal"}

var schemeForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)

// markdown renders the body of one page.
type markdown struct {
	cfg       *site.Config
	page      *site.Page
	firstLine int // of the body, in the file

	src      []byte
	lines    []int // offsets of line starts
	header   *site.Header
	places   []place
	ids      map[string]int // anchors in use, and the last number given to each
	guest    bool           // the page comes from a submission
	proposed bool           // and is not published yet
	problems []site.Problem
}

// doc renders the body and gathers the header.
func (m *markdown) doc() *Doc {
	p := m.page
	m.header = &site.Header{Place: p.Place, Kind: p.Kind, Meta: p.Meta, Words: (countWords(p.Body) + 49) / 50 * 50}
	m.src, m.ids = []byte(p.Body), map[string]int{"main": 1, "top": 1} // of the frame
	kind := m.cfg.Kind(p.Kind)
	m.guest = m.proposed || kind != nil && kind.Form
	body, ok := m.render()
	if !ok {
		m.header.Headings, m.header.Links, m.places = nil, nil, nil
		body = &Body{HTML: plainParagraphs(p.Body)}
	}
	if m.header.Summary == "" && !ok {
		m.header.Summary = shorten(strings.Join(strings.Fields(p.Body[:min(len(p.Body), 2000)]), " "), 200)
	}
	return &Doc{Header: m.header, Body: body, places: m.places}
}

func (m *markdown) render() (*Body, bool) {
	if at, why := tooHard(m.page.Body); why != "" {
		m.add(at, site.Error, "write it more simply; until then it is shown as plain text", "%s", why)
		return nil, false
	}
	root := engine.Parser().Parse(text.NewReader(m.src))
	m.prepare(root)
	var out bytes.Buffer
	if err := engine.Renderer().Render(&out, m.src, root); err != nil {
		m.add(0, site.Error, "it is shown as plain text", "the text cannot be rendered: %s", err)
		return nil, false
	}
	body := cutHoles(out.Bytes())
	return body, len(body.Holes) == len(m.header.Links)
}

func cutHoles(out []byte) *Body {
	var b Body
	var s strings.Builder
	s.Grow(len(out))
	for {
		before, after, found := bytes.Cut(out, []byte{hole})
		s.Write(before)
		if !found {
			b.HTML = s.String()
			return &b
		}
		b.Holes = append(b.Holes, s.Len())
		out = after
	}
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
			section = m.header.Headings[len(m.header.Headings)-1].Text
		case *ast.Paragraph:
			if m.header.Summary == "" {
				m.header.Summary = shorten(m.plain(n), 200)
			}
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
		case *extast.TableCell:
			prepareCell(n)
		}
		return ast.WalkContinue, nil
	})
}

func (m *markdown) heading(n *ast.Heading) {
	if n.Level == 1 {
		m.add(n.Pos(), site.Warning, "begin it with ##", "a heading with one # is the page's title, which comes from the front matter")
		n.Level = 2
	}
	words := m.plain(n)
	id := m.id(words)
	n.SetAttributeString("id", id)
	m.header.Headings = append(m.header.Headings, site.Heading{Level: n.Level, ID: id, Text: words})
}

// id makes an anchor of a heading: its letters and digits in any script, small,
// with "-" between. It is the same as long as the heading and those before it are.
func (m *markdown) id(words string) string {
	id := strings.Join(strings.FieldsFunc(strings.ToLower(words), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}), "-")
	if id == "" {
		id = "section"
	}
	base := id
	for n := m.ids[base]; m.ids[id] > 0; {
		n++
		id = base + "-" + strconv.Itoa(n)
		m.ids[base] = n
	}
	m.ids[id] = 1
	return id
}

func prepareCell(n *extast.TableCell) {
	if n.Parent().Kind() == extast.KindTableHeader {
		n.SetAttributeString("scope", "col")
	}
	// A style attribute would need unsafe-inline.
	if n.Alignment == extast.AlignRight || n.Alignment == extast.AlignCenter {
		n.SetAttributeString("class", n.Alignment.String())
	}
}

// link keeps a link with a hole, or leaves only its words.
func (m *markdown) link(n *ast.Link) {
	dest, ok := m.allowed(string(n.Destination), n.Pos())
	n.Destination = nil
	if ok {
		n.Destination = []byte{hole}
		m.keep(dest, n.Pos(), false)
		m.mark(n, dest)
	}
}

func (m *markdown) keep(dest string, offset int, image bool) {
	line, col := m.position(offset)
	m.header.Links = append(m.header.Links, site.Link{Dest: dest, Image: image})
	m.places = append(m.places, place{line, col})
}

// mark tells search engines that the words of strangers do not vouch for what they link to.
func (m *markdown) mark(n ast.Node, dest string) {
	switch {
	case m.guest:
		n.SetAttributeString("rel", "nofollow ugc")
	case strings.HasPrefix(dest, "http") && isExternal(dest):
		n.SetAttributeString("rel", "external")
	}
}

// autolink keeps an address that stands in the text as it is, or leaves only its words.
func (m *markdown) autolink(n *ast.AutoLink) {
	dest := string(n.URL(m.src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
		dest = "mailto:" + dest
	}
	dest, ok := m.allowed(dest, n.Pos())
	if !ok {
		n.SetAttributeString(refused, true)
		return
	}
	m.keep(dest, n.Pos(), false)
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
		n.Destination = []byte{hole}
		m.keep(dest, n.Pos(), true)
		return true
	}
	return false
}

// html says what is left out. In a submission it is no fault: someone may have
// written <3, and her words are shown as she wrote them.
func (m *markdown) html(n ast.Node) {
	if m.guest {
		n.SetAttributeString("guest", true)
		return
	}
	at := n.Pos()
	if b, ok := n.(*ast.HTMLBlock); ok && b.HTMLBlockType == ast.HTMLBlockType2 { // a comment
		return
	}
	if r, ok := n.(*ast.RawHTML); ok && r.Segments.Len() > 0 {
		first := r.Segments.At(0)
		at = first.Start
		if v := first.Value(m.src); bytes.HasPrefix(v, []byte("</")) || bytes.HasPrefix(v, []byte("<!--")) {
			return // said at its beginning, or no fault
		}
	}
	m.add(at, site.Warning, "write Markdown instead", "HTML is left out")
}

// allowed gives a destination as a browser will read it, and whether it may be linked.
func (m *markdown) allowed(raw string, offset int) (string, bool) {
	b := util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations([]byte(raw))))
	dest := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1 // browsers pass over tabs and line ends in an address
		}
		return r
	}, string(b)))
	scheme := schemeForm.FindStringSubmatch(dest)
	if scheme == nil || slices.Contains(schemes, strings.ToLower(scheme[1])) {
		return dest, true
	}
	if strings.HasSuffix(strings.SplitN(dest, ":", 2)[0], ".md") {
		return dest, true
	}
	m.add(offset, site.Error, "use a link that begins with https:, mailto: or tel:", "a link cannot begin with %q", scheme[0])
	return "", false
}

// isExternal tells that a destination is not a page of this site.
func isExternal(dest string) bool {
	return schemeForm.MatchString(dest) || strings.HasPrefix(dest, "//") || strings.HasPrefix(dest, `\\`) || strings.HasPrefix(dest, `/\`)
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
	if m.lines == nil {
		m.lines = []int{0}
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
	return string(util.EscapeHTML(util.URLEscape([]byte(s), false)))
}

// nodes renders what goldmark would render otherwise than we need.
type nodes struct{}

func (nodes) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, renderLink)
	reg.Register(ast.KindAutoLink, renderAutoLink)
	reg.Register(ast.KindImage, renderImage)
	reg.Register(ast.KindRawHTML, renderRawHTML)
	reg.Register(ast.KindHTMLBlock, renderHTMLBlock)
	reg.Register(extast.KindTable, renderTable)
	reg.Register(extast.KindTaskCheckBox, renderCheckBox)
}

func renderLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	a := n.(*ast.Link)
	switch {
	case a.Destination == nil:
	case entering:
		w.WriteString(`<a href="`)
		w.WriteByte(hole)
		w.WriteByte('"')
		if a.Title != nil {
			w.WriteString(` title="`)
			gmhtml.DefaultWriter.Write(w, a.Title)
			w.WriteByte('"')
		}
		gmhtml.RenderAttributes(w, n, nil)
		w.WriteByte('>')
	default:
		w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}

func renderAutoLink(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	label := html.EscapeString(string(n.(*ast.AutoLink).Label(src)))
	if _, no := n.AttributeString(refused); no {
		w.WriteString(label)
		return ast.WalkContinue, nil
	}
	w.WriteString(`<a href="`)
	w.WriteByte(hole)
	w.WriteByte('"')
	gmhtml.RenderAttributes(w, n, nil)
	w.WriteString(">" + label + "</a>")
	return ast.WalkContinue, nil
}

func renderImage(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	img := n.(*ast.Image)
	if img.Destination == nil || !entering {
		return ast.WalkContinue, nil // without an address, its words are rendered
	}
	w.WriteString(`<img src="`)
	w.WriteByte(hole)
	w.WriteString(`" alt="`)
	m := markdown{src: src}
	w.WriteString(html.EscapeString(m.plain(n)))
	w.WriteString(`" loading="lazy">`)
	return ast.WalkSkipChildren, nil
}

func renderRawHTML(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if _, guest := n.AttributeString("guest"); guest && entering {
		segments := n.(*ast.RawHTML).Segments
		for i := range segments.Len() {
			s := segments.At(i)
			w.WriteString(html.EscapeString(string(s.Value(src))))
		}
	}
	return ast.WalkSkipChildren, nil
}

func renderHTMLBlock(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if _, guest := n.AttributeString("guest"); !guest || !entering {
		return ast.WalkSkipChildren, nil
	}
	b := n.(*ast.HTMLBlock)
	w.WriteString("<p>")
	for i := range b.Lines().Len() {
		line := b.Lines().At(i)
		w.WriteString(html.EscapeString(string(line.Value(src))))
	}
	if b.HasClosure() {
		w.WriteString(html.EscapeString(string(b.ClosureLine.Value(src))))
	}
	w.WriteString("</p>\n")
	return ast.WalkSkipChildren, nil
}

// renderTable makes a table that scrolls by itself, also by keyboard; it is
// named after the heading above it.
func renderTable(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		label, _ := n.AttributeString("aria-label")
		fmt.Fprintf(w, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n<table>\n", html.EscapeString(fmt.Sprint(label)))
	} else {
		w.WriteString("</table>\n</div>\n")
	}
	return ast.WalkContinue, nil
}

// renderCheckBox draws the box; an input would be a control that does nothing.
func renderCheckBox(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		box := "☐ "
		if n.(*extast.TaskCheckBox).IsChecked {
			box = "☑ "
		}
		w.WriteString(box)
	}
	return ast.WalkContinue, nil
}

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
