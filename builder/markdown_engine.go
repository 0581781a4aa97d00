package builder

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// features are what goldmark is told beyond CommonMark. Each is asked at every
// blank or mark of a text, so a body is read by an engine that has only those
// that may find something in it. needed may say yes to a body that has nothing
// for the feature, never no to one that has: all engines that a body may be read
// by give the same HTML.
var features = [...]struct {
	needed func(m *markdown) bool
	add    goldmark.Extender
}{
	{func(m *markdown) bool { return containsAny(m.page.Body, "|", ":-", "-:") || hasDashes(m.page.Body) },
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))},
	{func(m *markdown) bool { return strings.Contains(m.page.Body, "]:") }, // [name]: address
		extends(func(g goldmark.Markdown) {
			g.Parser().AddOptions(parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
		})},
	{func(m *markdown) bool { return strings.Contains(m.page.Body, "~") }, extension.Strikethrough},
	{func(m *markdown) bool { return hasBareAddress(m.page.Body) || hasWideEnd(m.page.Body) }, extension.Linkify},
	{func(m *markdown) bool { return hasCheckBox(m.page.Body) }, extension.TaskList},
	{func(m *markdown) bool { return strings.Contains(m.page.Body, "[^") }, extension.Footnote},
	{func(m *markdown) bool { return containsAny(m.page.Body, ": ", ":\t", ":\n") }, extension.DefinitionList},
	{func(m *markdown) bool { return strings.Contains(m.page.Body, ":::") && !m.guest },
		blockParser(util.Prioritized(directives{}, 50))},
	{func(m *markdown) bool { return containsAny(m.page.Body, `"`, "'", "--", "...") },
		inlineParser(util.Prioritized(smart{}, 9999))},
	{func(m *markdown) bool { return langDir(m.page.Lang) == "rtl" }, inlineParser(util.Prioritized(numbers{}, 9998))},
}

// extends is an Extender that is a function.
type extends func(goldmark.Markdown)

func (e extends) Extend(g goldmark.Markdown) { e(g) }

func blockParser(p util.PrioritizedValue) extends {
	return func(g goldmark.Markdown) { g.Parser().AddOptions(parser.WithBlockParsers(p)) }
}

func inlineParser(p util.PrioritizedValue) extends {
	return func(g goldmark.Markdown) { g.Parser().AddOptions(parser.WithInlineParsers(p)) }
}

// engines are made when they are first needed. Each is safe for use by many goroutines.
var engines [1 << len(features)]struct {
	once sync.Once
	goldmark.Markdown
}

// everything is the engine with all features.
const everything = len(engines) - 1

func engine(mask int) goldmark.Markdown {
	e := &engines[mask]
	e.once.Do(func() {
		var add []goldmark.Extender
		for i := range features {
			if mask&(1<<i) != 0 {
				add = append(add, features[i].add)
			}
		}
		plain := parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...), parser.WithInlineParsers(parser.DefaultInlineParsers()...))
		e.Markdown = goldmark.New(goldmark.WithParser(plain), goldmark.WithExtensions(add...),
			goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(nodes{}, 100)), gmhtml.WithWriter(textWriter{gmhtml.DefaultWriter})))
	})
	return e.Markdown
}

// needs tells which engine reads a body.
func (m *markdown) needs() (mask int) {
	if hasLooseBackslash(m.page.Body) {
		return everything
	}
	for i := range features {
		if features[i].needed(m) {
			mask |= 1 << i
		}
	}
	return mask
}

func containsAny(s string, any ...string) bool {
	for _, a := range any {
		if strings.Contains(s, a) {
			return true
		}
	}
	return false
}

// hasCheckBox finds [ ] with one character in it.
func hasCheckBox(s string) bool {
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 || i+2 >= len(s) {
			return false
		}
		if s[i+2] == ']' {
			return true
		}
		s = s[i+1:]
	}
}

// hasDashes finds a line of dashes: below a line of a list it makes a table.
func hasDashes(s string) bool {
	for line := range strings.Lines(s) {
		if line = strings.Trim(line, " \t\v\f>\n"); line != "" && line[0] == '-' && strings.Trim(line, "-") == "" {
			return true
		}
	}
	return false
}

// hasBareAddress finds what could be an address in the text itself, outside of
// links in their plainest form.
func hasBareAddress(s string) bool {
	if containsAny(s, "@", "www.") {
		return true
	}
	for at := 0; ; {
		colon := strings.IndexByte(s[at:], ':')
		if colon < 0 {
			return false
		}
		before := s[:at+colon]
		at += colon + 1
		if strings.HasSuffix(before, "ftp") {
			return true
		}
		if before = strings.TrimSuffix(before, "s"); strings.HasSuffix(before, "http") {
			end := plainLink(s, len(before)-len("http"))
			if end < 0 {
				return true
			}
			at = end
		}
	}
}

// hasWideEnd finds a line that ends with more blanks than a line break has.
// goldmark leaves some of them in the text where it asks a feature at blanks.
func hasWideEnd(s string) bool {
	for line := range strings.Lines(s) {
		if line = strings.TrimSuffix(line, "\n"); line == "" || line[len(line)-1] > ' ' {
			continue
		}
		if blanks := line[len(strings.TrimRight(line, " \t\v\f")):]; len(blanks) > 1 && blanks != "  " {
			return true
		}
	}
	return false
}

// hasLooseBackslash finds a backslash at the end of a line that is not the whole of a line
// break. goldmark carries it over to the next line, and what comes of that depends on every
// feature that is asked there.
func hasLooseBackslash(s string) bool {
	return containsAny(s, `\\`+"\n", `\`+"  \n")
}

// plainLink tells where a link ends whose address begins at: [words](http…). Its
// words have no mark that could make it anything else; -1 where there are any.
func plainLink(s string, at int) (end int) {
	if !strings.HasSuffix(s[:at], "](") {
		return -1
	}
	open := at - 2
	for open--; open >= 0 && isPlainWord(s[open]); open-- {
	}
	if open < 0 || s[open] != '[' || at-open < len("[ab](") || open > 0 && strings.IndexByte(`\[]`, s[open-1]) >= 0 {
		return -1
	}
	for end = at; end < len(s) && s[end] > ' ' && s[end] < utf8.RuneSelf; end++ {
		switch s[end] {
		case ')':
			return end
		case '(', '<', '>', '\\', '|', '`', '[', ']', '"', '\'':
			return -1
		}
	}
	return -1
}

func isPlainWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ' ' || c == '-' || c == ',' || c >= utf8.RuneSelf
}
