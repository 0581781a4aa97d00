package site

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

const fence = "+++"

// Parse reads one Markdown file. It never fails; pl is the file's place (see
// [Config.PlaceOf]). Private fields are dropped and named in the problems.
func Parse(c *Config, pl Place, src []byte) (*Page, []Problem) {
	p := &parser{c: c, page: &Page{Place: pl, Kind: c.KindAt(pl)}}
	text := p.clean(src)
	head, body, headLine := p.split(text)
	p.page.Body = tidyBody(body)
	p.header(head, headLine)
	if p.page.Title == "" && len(p.problems) == 0 {
		p.add(1, 1, `add title = "…" between the +++ lines`, "the page has no title")
	}
	if p.page.Title == "" {
		p.page.Title = titleFromKey(pl.Key)
	}
	return p.page, p.problems
}

type parser struct {
	c        *Config
	page     *Page
	head     string
	headLine int // line of the file where head begins
	problems []Problem
}

func (p *parser) add(line, col int, hint, format string, args ...any) {
	if len(p.problems) == maxFaults {
		return
	}
	p.problems = append(p.problems, Problem{Path: p.page.Path, Line: line, Col: col, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// clean makes the file text: UTF-8, LF line ends, no byte order mark, no NUL.
func (p *parser) clean(src []byte) string {
	s := strings.TrimPrefix(string(src), "\ufeff")
	if !utf8.ValidString(s) {
		line, col := position(s, invalidAt(s))
		p.add(line, col, "save the file as UTF-8", "the file has bytes that are not UTF-8 text")
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if i := strings.IndexByte(s, 0); i >= 0 {
		line, col := position(s, i)
		p.add(line, col, "take the character out", "the file has a NUL character")
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}

func invalidAt(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return 0
}

// position gives the line and column (in bytes, from 1) of offset i.
func position(s string, i int) (line, col int) {
	return strings.Count(s[:i], "\n") + 1, i - strings.LastIndexByte(s[:i], '\n')
}

// split cuts the text into front matter and body.
func (p *parser) split(text string) (head, body string, headLine int) {
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != fence {
		if strings.HasPrefix(first, "---") {
			p.add(1, 1, "potluck reads TOML between +++ lines; potluck import markdown turns YAML into it", "the front matter is YAML")
		}
		return "", text, 0
	}
	for at := 0; at < len(rest); {
		line, _, _ := strings.Cut(rest[at:], "\n")
		if strings.TrimRight(line, " \t") == fence {
			return rest[:at], rest[min(at+len(line)+1, len(rest)):], 2
		}
		at += len(line) + 1
	}
	p.add(1, 1, "end the front matter with a line +++", "the front matter has no end")
	return "", rest, 0
}

// tidyBody cuts blank lines around the body and ends it with one LF.
func tidyBody(s string) string {
	for {
		line, rest, more := strings.Cut(s, "\n")
		if strings.TrimSpace(line) != "" {
			break
		}
		if !more {
			return ""
		}
		s = rest
	}
	body := strings.TrimRight(s, " \t\n\v\f")
	if strings.HasPrefix(s[len(body):], "\n") {
		return s[:len(body)+1] // without a copy
	}
	return body + "\n"
}

func titleFromKey(key string) string {
	key = strings.TrimSuffix(key, "/index")
	s := strings.ReplaceAll(key[strings.LastIndexByte(key, '/')+1:], "-", " ")
	if s == "" || s == "index" {
		return "Home"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// entry is one key of the front matter and its value as TOML types it:
// string, int64, float64, bool, time.Time, []any, map[string]any.
type entry struct {
	key   string
	value any
}

func (p *parser) header(head string, line int) {
	head = strings.Clone(head) // of which values are parts: they must not keep the whole file
	p.head, p.headLine = head, line
	if p.tooLong() {
		return
	}
	entries, ok := plainHeader(head)
	if !ok {
		if p.tooDeep() {
			return
		}
		var err error
		if entries, err = decodeTOML(head); err != nil {
			p.syntax(err)
			return
		}
	}
	for _, e := range entries {
		if e.key == "kind" {
			p.setKind(e.value)
		}
	}
	kind := p.c.Kind(p.page.Kind)
	for _, e := range entries {
		p.set(kind, e)
	}
}

// tooLong refuses front matter that would take too long or too much memory. The body is
// shown all the same.
func (p *parser) tooLong() bool {
	if len(p.head) <= maxHead && strings.Count(p.head, "\n") <= maxHeadLine {
		return false
	}
	p.add(p.headLine, 1, "what people read goes below the second line +++", "the front matter is longer than %d KiB or %d lines", maxHead>>10, maxHeadLine)
	return true
}

// tooDeep refuses what the TOML package must not be given. Plain lines do not come to it:
// what a neighbour writes may hold as many brackets as she likes.
func (p *parser) tooDeep() bool {
	at := tooNested(p.head)
	if at > 0 {
		p.add(p.headLine+at-1, 1, "write it more simply", nested)
	}
	return at > 0
}

// decodeHeader decodes front matter; entries come in the order of the text.
func decodeHeader(head string) ([]entry, error) {
	if entries, ok := plainHeader(head); ok {
		return entries, nil
	}
	return decodeTOML(head)
}

func decodeTOML(head string) ([]entry, error) {
	var m map[string]any
	md, err := toml.Decode(head, &m)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, 0, len(m))
	for _, k := range md.Keys() {
		if v, ok := m[k[0]]; ok && len(k) == 1 {
			entries = append(entries, entry{k[0], v})
			delete(m, k[0])
		}
	}
	for _, k := range md.Keys() { // dotted keys, whose table was never named
		if v, ok := m[k[0]]; ok {
			entries = append(entries, entry{k[0], v})
			delete(m, k[0])
		}
	}
	return entries, nil
}

func (p *parser) syntax(err error) {
	line, col, msg := p.headLine, 1, err.Error()
	var pe toml.ParseError
	if errors.As(err, &pe) {
		line, col, msg = p.headLine+pe.Position.Line-1, max(pe.Position.Col, 1), tomlMessage(pe)
	}
	p.add(line, col, `each line is key = value, and text stands in quotes: title = "Soup kitchen"`, "the front matter cannot be read: %s", msg)
}

func (p *parser) setKind(v any) {
	name, ok := v.(string)
	var names []string
	for _, k := range p.c.Kinds {
		if k.Makes == APage {
			names = append(names, k.Name)
		}
	}
	if ok && slices.Contains(names, name) {
		p.page.Kind = name
		return
	}
	p.at("kind", didYouMean(name, names), "there is no kind %q", fmt.Sprint(v))
}

// at adds a problem at the line of a key of the front matter.
func (p *parser) at(key, hint, format string, args ...any) {
	line, col := keyPlace(p.head, toml.Key{key})
	p.add(p.headLine+max(line, 1)-1, max(col, 1), hint, format, args...)
}

func didYouMean(s string, words []string) string {
	if n := Nearest(s, words); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return "use one of: " + strings.Join(words, ", ")
}

// set puts one entry of the front matter into the page, or names what is wrong with it.
func (p *parser) set(kind *Kind, e entry) {
	if i := slices.IndexFunc(commonFields, func(f Field) bool { return f.Name == e.key }); i >= 0 {
		if v, ok := p.value(&commonFields[i], e); ok {
			p.common(e.key, v)
		}
		return
	}
	f := kind.Field(e.key)
	switch {
	case f == nil || f.Name == "body":
		if p.privateElsewhere(e.key) {
			p.private(e.key)
			return
		}
		p.at(e.key, didYouMean(e.key, fieldNames(kind)), "a page of kind %s has no field %q", kind.Name, e.key)
	case f.Class != Public:
		p.private(e.key)
	default:
		if v, ok := p.value(f, e); ok {
			if p.page.Fields == nil {
				p.page.Fields = map[string]any{}
			}
			p.page.Fields[f.Name] = v
		}
	}
}

func (p *parser) private(key string) {
	p.at(key, "take it out of the file; if it was committed, tell a keeper: history keeps it", "%q is private and must not stand in a content file", key)
}

// privateElsewhere tells that a field is private in some kind and public in none.
func (p *parser) privateElsewhere(key string) bool {
	found := false
	for _, k := range p.c.Kinds {
		if f := k.Field(key); f != nil {
			if f.Class == Public {
				return false
			}
			found = true
		}
	}
	return found
}

func fieldNames(k *Kind) []string {
	var names []string
	for _, f := range commonFields {
		names = append(names, f.Name)
	}
	for _, f := range k.Fields {
		if f.Class == Public && f.Name != "body" && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// common puts the value of a field that every page has into its place.
func (p *parser) common(key string, v any) {
	m := &p.page.Meta
	switch key {
	case "title":
		m.Title = v.(string)
	case "summary":
		m.Summary = v.(string)
	case "date":
		m.Date = v.(Date)
	case "updated":
		m.Updated = v.(Date)
	case "draft":
		m.Draft = v.(bool)
	case "publish_from":
		m.PublishFrom = v.(Date)
	case "expires":
		m.Expires = v.(Date)
	case "categories":
		m.Categories = p.known("category", key, v.([]string))
	case "areas":
		m.Areas = p.known("area", key, v.([]string))
	case "languages":
		m.Languages = p.known("language", key, v.([]string))
	case "aliases":
		m.Aliases = v.([]string)
	case "weight":
		m.Weight = int(v.(float64))
	case "lang":
		p.setLanguage(v.(string))
	case "html":
		p.setHTML(v.(bool))
	}
}

// setLanguage takes the language of the words; the site itself need not have it.
func (p *parser) setLanguage(code string) {
	if !langCode.MatchString(code) {
		p.at("lang", `write a code such as "es", "tl" or "zh-Hans"`, "%q is not a language code", code)
		return
	}
	p.page.WrittenIn = code
}

// setHTML lets HTML into pages of organizers only.
func (p *parser) setHTML(on bool) {
	if k := p.c.Kind(p.page.Kind); on && k != nil && k.Form {
		p.at("html", "take the line out", "a page of kind %s comes from a form and has no HTML", k.Name)
		return
	}
	p.page.HTML = on
}

// known keeps the values that the taxonomy has and that can be an address.
func (p *parser) known(taxonomy, key string, values []string) []string {
	t := p.c.Taxonomy[taxonomy]
	keep := values[:0]
	for _, v := range values {
		switch {
		case slices.Contains(keep, v):
		case !isTerm(v):
			p.at(key, "use small letters, digits and -, such as \"food/hot-meals\"", "%q cannot be a value of %s", v, key)
		case len(t.Values) > 0 && !slices.Contains(t.Values, v):
			p.at(key, didYouMean(v, t.Values), "%q is not a %s of this network", v, taxonomy)
		default:
			keep = append(keep, v)
		}
	}
	return slices.Clip(keep)
}

// value turns a TOML value into the Go type of the field.
func (p *parser) value(f *Field, e entry) (any, bool) {
	v, err := coerce(f, e.value)
	if err != nil {
		hint := typeHints[f.Type]
		if f.Type == Choice || f.Type == Choices {
			hint = didYouMean(fmt.Sprint(e.value), f.Options)
		}
		p.at(e.key, hint, "%q %s", e.key, err)
		return nil, false
	}
	if s, ok := v.(string); ok && f.Type == Hours {
		if _, err := ParseHours(s); err != nil {
			p.at(e.key, typeHints[Hours], "%q cannot be read: %s", e.key, err)
			p.problems[len(p.problems)-1].Severity = Warning
		}
	}
	return v, v != nil
}

var typeHints = map[Type]string{
	Text: `write text in quotes`, LongText: `write text in quotes`,
	Choices: `write a list: ["one", "two"]`, List: `write a list: ["one", "two"]`, Phones: `write a list: ["555-0134"]`,
	Day: `write a date without quotes: 2026-11-23`, Number: `write a number without quotes`, YesNo: `write true or false without quotes`,
	Phone: `write it like "+1 555 0134"`, Email: `write it like "hello@example.org"`, URL: `write it like "https://example.org/"`,
	Hours: `write it like "Mo-Fr 09:00-17:00; Sa[1] 10:00-13:00; PH off"`,
}

// CommonField gives the field of that name that pages of every kind have, or nil.
func CommonField(name string) *Field {
	i := slices.IndexFunc(commonFields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	f := commonFields[i]
	f.Class = Public
	return &f
}
