package builder

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// content is what html/template calls contentType, as far as it matters here.
type content int

const (
	isPlain content = iota
	isHTML
	isURL
)

// escapers do what html/template's functions of these names do. Those for styles,
// scripts and names of attributes are left to it.
var escapers = map[string]func(out []byte, s string, c content) []byte{
	"_html_template_htmlescaper": func(out []byte, s string, c content) []byte {
		if c == isHTML {
			return append(out, s...)
		}
		return appendEscaped(out, s, &forText)
	},
	"_html_template_rcdataescaper":  func(out []byte, s string, c content) []byte { return appendEscaped(out, noMarkup(s, c), &forText) },
	"_html_template_attrescaper":    func(out []byte, s string, c content) []byte { return appendEscaped(out, noMarkup(s, c), &forText) },
	"_html_template_nospaceescaper": escapeNoSpace,
	"_html_template_urlfilter":      filterURL,
	"_html_template_urlnormalizer":  func(out []byte, s string, _ content) []byte { return appendURL(out, s, true) },
	"_html_template_urlescaper":     func(out []byte, s string, c content) []byte { return appendURL(out, s, c == isURL) },
	"_html_template_commentescaper": func(out []byte, _ string, _ content) []byte { return out },
}

// escapedPipe compiles the pipeline of an action, and finds the escapers at its end.
func (s *scope) escapedPipe(p *parse.PipeNode) (e *expr, names []string) {
	cmds := p.Cmds
	for len(cmds) > 1 {
		id, ok := cmds[len(cmds)-1].Args[0].(*parse.IdentifierNode)
		if !ok || escapers[id.Ident] == nil {
			break
		}
		cmds, names = cmds[:len(cmds)-1], append([]string{id.Ident}, names...)
	}
	if len(names) == 0 {
		slowly("no escaper that is known")
	}
	return s.commands(cmds), names
}

// escapeStep writes a value through its escapers.
func escapeStep(e *expr, names []string) step {
	if e.write != nil && len(names) == 1 && names[0] == "_html_template_htmlescaper" {
		return func(f *frame) signal { e.write(f); return goOn }
	}
	text := textOf(e)
	if first := escapers[names[0]]; len(names) == 1 {
		return func(f *frame) signal {
			s, c := text(f)
			f.out = first(f.out, s, c)
			return goOn
		}
	}
	last, before := escapers[names[len(names)-1]], names[:len(names)-1]
	address := slices.Equal(names, []string{"_html_template_urlfilter", "_html_template_urlnormalizer", "_html_template_attrescaper"})
	return func(f *frame) signal {
		s, c := text(f)
		if address && isPlainPath(s) {
			f.out = append(f.out, s...)
			return goOn
		}
		for _, name := range before {
			if f.part = escapers[name](f.part[:0], s, c); string(f.part) != s {
				s = string(f.part)
			}
			c = isPlain
		}
		f.out = last(f.out, s, c)
		return goOn
	}
}

// isPlainPath tells that no escaper of addresses changes a byte.
func isPlainPath(s string) bool { return isAll(s, &inPaths) }

const inAnyPath = "abcdefghijklmnopqrstuvwxyz0123456789-./_"

var inPaths = bytesOf(inAnyPath)

func bytesOf(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

func isAll(s string, of *[256]bool) bool {
	for i := range len(s) {
		if !of[s[i]] {
			return false
		}
	}
	return true
}

// textOf gives a value as text, as html/template's stringify does.
func textOf(e *expr) func(*frame) (string, content) {
	switch e.typ {
	case reflect.TypeFor[string]():
		return func(f *frame) (string, content) { return e.str(f), isPlain }
	case reflect.TypeFor[template.HTML]():
		return func(f *frame) (string, content) { return e.str(f), isHTML }
	case reflect.TypeFor[template.URL]():
		return func(f *frame) (string, content) { return e.str(f), isURL }
	}
	return func(f *frame) (string, content) { return stringify(e.val(f)) }
}

func stringify(v reflect.Value) (string, content) {
	if v = whole(out(v)); !v.IsValid() {
		return "", isPlain
	}
	if v.Type() == reflect.TypeFor[int]() {
		return strconv.FormatInt(v.Int(), 10), isPlain
	}
	a := v.Interface()
	switch s := indirect(v).Interface().(type) {
	case string:
		return s, isPlain
	case template.HTML:
		return string(s), isHTML
	case template.URL:
		return string(s), isURL
	}
	for v.Kind() == reflect.Pointer && !v.IsNil() && !speaks(a) {
		v = v.Elem()
		a = v.Interface()
	}
	return fmt.Sprint(a), isPlain
}

func speaks(a any) bool {
	switch a.(type) {
	case fmt.Stringer, error:
		return true
	}
	return false
}

func noMarkup(s string, c content) string {
	if c == isHTML {
		slowly("HTML that is not text")
	}
	return s
}

// forText is what html/template writes for bytes in HTML text and in attributes.
var forText = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

var forNoSpace = [256]string{
	0: "&#xfffd;", '\t': "&#9;", '\n': "&#10;", '\v': "&#11;", '\f': "&#12;", '\r': "&#13;", ' ': "&#32;",
	'"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '=': "&#61;", '>': "&gt;", '`': "&#96;",
}

func appendEscaped(out []byte, s string, table *[256]string) []byte {
	at := 0
	for i := range len(s) {
		if r := table[s[i]]; r != "" {
			out = append(append(out, s[at:i]...), r...)
			at = i + 1
		}
	}
	return append(out, s[at:]...)
}

// escapeNoSpace is for attributes without quotes; html/template also escapes
// some characters beyond ASCII there.
func escapeNoSpace(out []byte, s string, c content) []byte {
	for i := range len(s) {
		if s[i] >= 0x80 {
			slowly("beyond ASCII")
		}
	}
	if noMarkup(s, c) == "" {
		return append(out, "ZgotmplZ"...)
	}
	return appendEscaped(out, s, &forNoSpace)
}

// filterURL lets addresses of this site pass, and schemes that do no harm.
func filterURL(out []byte, s string, c content) []byte {
	scheme, _, ok := strings.Cut(s, ":")
	if ok && c != isURL && !strings.Contains(scheme, "/") &&
		!strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "mailto") {
		return append(out, "#ZgotmplZ"...)
	}
	return append(out, s...)
}

// appendURL writes bytes that addresses do not have as %xx; of those that mean
// something in addresses only when they are not to be kept.
func appendURL(out []byte, s string, keep bool) []byte {
	const digits = "0123456789abcdef"
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
		case keep && strings.IndexByte("!#$&*+,/:;=?@[]", c) >= 0:
		case keep && c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
		default:
			out = append(out, '%', digits[c>>4], digits[c&15])
			continue
		}
		out = append(out, c)
	}
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
