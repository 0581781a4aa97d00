package builder

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"potluck/internal/site"
)

// A directive is a line that begins with three colons or more, outside of pages
// from forms:
//
//	:::details How to get in        :::include ../procedures/keys.md#night
//	Ring twice.
//	:::
//
// details folds its text away, up to a line of as many colons; one within another
// takes fewer. include puts the text of another page here, or what stands below
// one of its headings; see include.go.
type directive struct {
	ast.BaseBlock
	name, arg string
	colons    int
	at        int // in the source
	ended     bool
	hole      []byte
}

var kindDirective = ast.NewNodeKind("Directive")

func (d *directive) Kind() ast.NodeKind { return kindDirective }
func (d *directive) Dump(src []byte, level int) {
	ast.DumpHelper(d, src, level, map[string]string{"name": d.name}, nil)
}

var directiveForm = regexp.MustCompile(`^(:{3,})([a-z]+)(?:[ \t]+(.*?))?[ \t]*\r?\n?$`)

// maxDirectives is how many may lie within each other.
const maxDirectives = 8

type directives struct{}

func (directives) Trigger() []byte             { return []byte{':'} }
func (directives) CanInterruptParagraph() bool { return true }
func (directives) CanAcceptIndentedLine() bool { return false }

func (directives) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if guest, _ := pc.Get(guestKey).(bool); guest || at < 0 || !bytes.HasPrefix(line[at:], []byte(":::")) || depthOf(parent) > maxDirectives {
		return nil, parser.NoChildren
	}
	m := directiveForm.FindSubmatch(line[at:])
	if m == nil {
		return nil, parser.NoChildren
	}
	d := &directive{name: string(m[2]), arg: string(m[3]), colons: len(m[1]), at: segment.Start + at}
	reader.AdvanceToEOL()
	if d.name == "include" {
		d.ended = true
		return d, parser.NoChildren
	}
	return d, parser.HasChildren
}

func depthOf(n ast.Node) int {
	depth := 0
	for ; n != nil; n = n.Parent() {
		if _, ok := n.(*directive); ok {
			depth++
		}
	}
	return depth
}

func (directives) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	d := n.(*directive)
	if d.name == "include" {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	if s := bytes.TrimSpace(line); len(s) >= d.colons && len(bytes.Trim(s, ":")) == 0 {
		d.ended = true
		reader.AdvanceToEOL()
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

func (directives) Close(ast.Node, text.Reader, parser.Context) {}

// directive decides on one.
func (m *markdown) directive(d *directive) {
	switch {
	case d.name == "include":
		m.include(d)
	case d.name != "details":
		m.add(d.at, site.Warning, "there are :::details and :::include", "there is no directive :::%s", d.name)
	case !d.ended:
		m.add(d.at, site.Warning, "end it with a line of colons: "+strings.Repeat(":", d.colons), "this :::details has no end")
	}
}

func (m *markdown) include(d *directive) {
	dest := string(util.UnescapePunctuations([]byte(d.arg)))
	file, _ := cutPath(dest)
	if isExternal(dest) || !strings.HasSuffix(file, ".md") {
		m.add(d.at, site.Error, "write it like :::include ../procedures/keys.md", "only a page of this site can be included, by its file")
		return
	}
	d.hole = m.keep(includeHole, site.Link{Dest: dest, Include: true}, d.at)
}

// noticeKind is the attribute of a quote that is a notice.
const noticeKind = "notice"

var notices = []string{"note", "tip", "important", "warning", "caution"}

var noticeForm = regexp.MustCompile(`^\[!([A-Za-z]+)\]$`)

// notice makes a notice of a quote whose first line is [!NOTE] or the like.
func (m *markdown) notice(q *ast.Blockquote) {
	first, ok := q.FirstChild().(*ast.Paragraph)
	if !ok || m.guest || first.Lines().Len() == 0 {
		return
	}
	line := first.Lines().At(0)
	found := noticeForm.FindSubmatch(bytes.TrimSpace(line.Value(m.src)))
	if found == nil {
		return
	}
	kind := strings.ToLower(string(found[1]))
	if !slices.Contains(notices, kind) {
		m.add(line.Start, site.Warning, "use one of [!NOTE], [!TIP], [!IMPORTANT], [!WARNING], [!CAUTION]", "there is no notice of the kind %s", found[0])
		return
	}
	q.SetAttributeString(noticeKind, kind)
	for c := first.FirstChild(); c != nil; c = first.FirstChild() {
		first.RemoveChild(first, c)
		if t, ok := c.(*ast.Text); ok && (t.SoftLineBreak() || t.HardLineBreak()) {
			return
		}
	}
	q.RemoveChild(q, first)
}

// steps marks the steps of a procedure, which the theme numbers large.
func (m *markdown) steps(l *ast.List) {
	if _, top := l.Parent().(*ast.Document); top && l.IsOrdered() && m.page.Kind == "procedure" {
		l.SetAttributeString("class", "steps")
	}
}
