package builder

import (
	"fmt"
	"html"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// nodes renders what goldmark would render otherwise than we need.
type nodes struct{}

func (nodes) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHeading, renderHeading)
	reg.Register(ast.KindBlockquote, renderBlockquote)
	reg.Register(kindDirective, renderDirective)
	reg.Register(kindIsolate, renderIsolate)
	reg.Register(ast.KindLink, renderLink)
	reg.Register(ast.KindAutoLink, renderAutoLink)
	reg.Register(ast.KindImage, renderImage)
	reg.Register(ast.KindRawHTML, renderRawHTML)
	reg.Register(ast.KindHTMLBlock, renderHTMLBlock)
	reg.Register(extast.KindTable, renderTable)
	reg.Register(extast.KindTableCell, renderCell)
	reg.Register(extast.KindTaskCheckBox, renderCheckBox)
}

// textWriter is goldmark's writer of texts, but that it writes at once what needs no care,
// as most texts do not. goldmark looks at each byte up to three times.
type textWriter struct{ gmhtml.Writer }

func (t textWriter) Write(w util.BufWriter, text []byte) {
	if isPlainText(text) {
		w.Write(text)
		return
	}
	t.Writer.Write(w, text)
}

func (t textWriter) RawWrite(w util.BufWriter, text []byte) {
	if isPlainText(text) {
		w.Write(text)
		return
	}
	t.Writer.RawWrite(w, text)
}

// meaning are the bytes that may mean something in Markdown or HTML.
var meaning = [256]bool{0: true, '\\': true, '&': true, '<': true, '>': true, '"': true}

func isPlainText(text []byte) bool {
	for _, c := range text {
		if meaning[c] {
			return false
		}
	}
	return true
}

// renderHeading leaves a hole for the id. Headings come in the order in which prepare met them.
func renderHeading(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	level := "0123456"[n.(*ast.Heading).Level]
	if !entering {
		w.WriteString("</h")
		w.WriteByte(level)
		w.WriteString(">\n")
		return ast.WalkContinue, nil
	}
	w.WriteString("<h")
	w.WriteByte(level)
	out := w.(*htmlWriter)
	out.b = append(appendHole(out.b, headingHole, out.headings), '>')
	out.headings++
	return ast.WalkContinue, nil
}

func renderBlockquote(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	kind, notice := n.AttributeString(noticeKind)
	switch {
	case notice && entering:
		fmt.Fprintf(w, "<aside class=\"notice %s\" role=\"note\">\n<p class=\"label\"><strong>%s</strong></p>\n", kind, wordHole("aside."+kind.(string)))
	case notice:
		w.WriteString("</aside>\n")
	case entering:
		w.WriteString("<blockquote>\n")
	default:
		w.WriteString("</blockquote>\n")
	}
	return ast.WalkContinue, nil
}

func renderDirective(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	switch d := n.(*directive); {
	case d.name == "include" && entering:
		w.Write(d.hole)
	case d.name == "details" && entering:
		title := html.EscapeString(d.arg)
		if title == "" {
			title = wordHole("details.more")
		}
		w.WriteString("<details>\n<summary>" + title + "</summary>\n")
	case d.name == "details":
		w.WriteString("</details>\n")
	}
	return ast.WalkContinue, nil
}

func renderLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	a := n.(*ast.Link)
	switch {
	case a.Destination == nil:
	case entering:
		w.WriteString(`<a href="`)
		w.Write(a.Destination)
		w.WriteByte('"')
		if a.Title != nil {
			w.WriteString(` title="`)
			gmhtml.DefaultWriter.Write(w, a.Title)
			w.WriteByte('"')
		}
		gmhtml.RenderAttributes(w, n, nil)
		w.WriteByte('>')
	default:
		endLink(w, n)
	}
	return ast.WalkContinue, nil
}

// endLink says, to those who cannot see it, that a link leads to another site.
func endLink(w util.BufWriter, n ast.Node) {
	if class, ok := n.AttributeString("class"); ok && class == "external" {
		w.WriteString(`<span class="said"> `)
		w.WriteString(wordHole("link.external"))
		w.WriteString("</span>")
	}
	w.WriteString("</a>")
}

func renderAutoLink(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	label := html.EscapeString(string(n.(*ast.AutoLink).Label(src)))
	to, ok := n.AttributeString(address)
	if !ok {
		w.WriteString(label)
		return ast.WalkContinue, nil
	}
	w.WriteString(`<a href="`)
	w.Write(to.([]byte))
	w.WriteByte('"')
	for _, name := range []string{"class", "rel"} {
		if v, ok := n.AttributeString(name); ok {
			fmt.Fprintf(w, ` %s="%s"`, name, v)
		}
	}
	w.WriteString(">" + label)
	endLink(w, n)
	return ast.WalkContinue, nil
}

func renderImage(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	img := n.(*ast.Image)
	if img.Destination == nil || !entering {
		return ast.WalkContinue, nil // without an address, its words are rendered
	}
	w.WriteString("<img")
	w.Write(img.Destination)
	w.WriteString(` alt="`)
	m := markdown{bench: &bench{src: src}}
	w.WriteString(html.EscapeString(m.plain(n)))
	w.WriteByte('"')
	if img.Title != nil {
		w.WriteString(` title="`)
		gmhtml.DefaultWriter.Write(w, img.Title)
		w.WriteByte('"')
	}
	w.WriteString(` loading="lazy">`)
	return ast.WalkSkipChildren, nil
}

func renderRawHTML(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if s, ok := n.AttributeString(clean); ok && entering {
		w.WriteString(s.(string))
	}
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
	if s, ok := n.AttributeString(clean); ok && entering {
		w.WriteString(s.(string))
	}
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
		fmt.Fprintf(w, "<section class=\"table\" tabindex=\"0\" aria-label=\"%s\">\n<table>\n", html.EscapeString(fmt.Sprint(label)))
	} else {
		w.WriteString("</table>\n</section>\n")
	}
	return ast.WalkContinue, nil
}

// renderCell aligns by a class: a style attribute would need unsafe-inline.
func renderCell(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	cell := n.(*extast.TableCell)
	head := n.Parent().Kind() == extast.KindTableHeader
	switch {
	case head && entering:
		w.WriteString(`<th scope="col"`)
	case entering:
		w.WriteString("<td")
	case head:
		w.WriteString("</th>\n")
	default:
		w.WriteString("</td>\n")
	}
	if a := cell.Alignment; entering && (a == extast.AlignRight || a == extast.AlignCenter) {
		w.WriteString(` class="` + a.String() + `"`)
	}
	if entering {
		w.WriteByte('>')
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
