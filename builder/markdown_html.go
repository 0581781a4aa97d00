package builder

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"potluck/internal/site"
)

// htmlPolicy is the HTML that an organizer's page with html = true may hold: what
// marks up text, and nothing that loads, runs, links or styles. Links and
// pictures are written in Markdown, so that they are checked and lead on when
// the site moves; headings too, for the contents.
var htmlPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
		"div", "dl", "dt", "em", "figcaption", "figure", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby",
		"s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr")
	p.AllowNoAttrs().OnElements("span")
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)).Globally()
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("title").Matching(regexp.MustCompile(`^[^<>\x00]*$`)).Globally()
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^[a-z][a-z0-9 -]*$`)).Globally()
	p.AllowAttrs("datetime").Matching(regexp.MustCompile(`^[0-9A-Z:.+-]+$`)).OnElements("time", "del", "ins")
	p.AllowAttrs("colspan", "rowspan", "span").Matching(regexp.MustCompile(`^[0-9]{1,3}$`)).OnElements("td", "th", "col", "colgroup")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(row|col|rowgroup|colgroup)$`)).OnElements("th")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^-?[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("open").Matching(regexp.MustCompile(`^(open)?$`)).OnElements("details")
	return p
})

// clean is the attribute of a node that holds its HTML as it may pass.
const clean = "clean"

var (
	tagForm   = regexp.MustCompile(`<(/?)([a-z0-9]+)[^<>]*>`)
	voidTags  = []string{"br", "hr", "col", "wbr"}
	tagsStart = regexp.MustCompile(`</?[A-Za-z]`)
)

// openTag is a tag that has not been closed yet.
type openTag struct {
	name   string
	at     int
	parent ast.Node
}

// allowHTML cleans all HTML of a body. Each tag is to be closed in the block it
// was opened in: one that is not could swallow the rest of the page, so then no
// HTML of it passes.
func (m *markdown) allowHTML(root ast.Node) {
	var open []openTag
	var found []ast.Node
	whole := true
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		segments := rawSegments(n)
		if !entering || segments == nil || segments.Len() == 0 {
			return ast.WalkContinue, nil
		}
		found = append(found, n)
		open = m.balance(n, segments.At(0).Start, m.cleanHTML(n, segments), open, &whole)
		return ast.WalkSkipChildren, nil
	})
	for _, t := range open {
		whole = false
		m.add(t.at, site.Error, "close it in the same paragraph or block; until then all HTML of the page is left out", "<%s> is not closed", t.name)
	}
	if !whole {
		for _, n := range found {
			n.SetAttributeString(clean, "")
		}
	}
}

func rawSegments(n ast.Node) *text.Segments {
	switch n := n.(type) {
	case *ast.RawHTML:
		return n.Segments
	case *ast.HTMLBlock:
		all := text.NewSegments()
		all.AppendAll(n.Lines().Sliced(0, n.Lines().Len()))
		if n.HasClosure() {
			all.Append(n.ClosureLine)
		}
		return all
	}
	return nil
}

// cleanHTML keeps of one piece of HTML what may pass.
func (m *markdown) cleanHTML(n ast.Node, segments *text.Segments) string {
	raw := segments.Value(m.src)
	kept := htmlPolicy().SanitizeBytes(raw)
	n.SetAttributeString(clean, string(kept))
	if before := len(tagsStart.FindAll(raw, -1)); before > len(tagsStart.FindAll(kept, -1)) && !bytes.HasPrefix(raw, []byte("<!--")) {
		m.add(segments.At(0).Start, site.Warning, "write links, pictures and headings in Markdown; scripts, styles and frames cannot be here", "some of this HTML is left out")
	}
	return string(kept)
}

// balance follows the tags of one piece.
func (m *markdown) balance(n ast.Node, at int, kept string, open []openTag, whole *bool) []openTag {
	for _, t := range tagForm.FindAllStringSubmatch(kept, -1) {
		last := len(open) - 1
		switch {
		case slices.Contains(voidTags, t[2]) || strings.HasSuffix(t[0], "/>"):
		case t[1] == "":
			open = append(open, openTag{t[2], at, n.Parent()})
		case last >= 0 && open[last].name == t[2] && open[last].parent == n.Parent():
			open = open[:last]
		default:
			*whole = false
			m.add(at, site.Error, "open it in the same paragraph or block; until then all HTML of the page is left out", "</%s> closes nothing", t[2])
		}
	}
	return open
}

// html says what is left out. In a submission it is no fault: someone may have
// written <3, and her words are shown as she wrote them.
func (m *markdown) html(n ast.Node) {
	if m.guest {
		n.SetAttributeString("guest", true)
		return
	}
	if m.page.HTML {
		return // see allowHTML
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
	m.add(at, site.Warning, "write Markdown instead, or html = true into the front matter", "HTML is left out")
}
