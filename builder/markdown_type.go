package builder

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// smart sets quotes, dashes and ellipses as printers of the page's language do:
//
//	"words"  “words”, or as marksOf says     it's     it’s
//	a -- b, 9--5  –    a --- b  —            ...      …
//
// It never sees code, addresses or HTML, which other parsers take first; a mark
// after a backslash stays as it is. Languages without a row, and the words of
// neighbours, are left as written.
type smart struct{}

// marks are the quotes of a language: double and single ones.
type marks struct{ open, end, in, out []byte }

func newMarks(open, end, in, out string) *marks {
	return &marks{[]byte(open), []byte(end), []byte(in), []byte(out)}
}

var (
	english = newMarks("“", "”", "‘", "’")
	german  = newMarks("„", "“", "‚", "‘")
	arabic  = newMarks("«", "»", "", "")

	marksOf = map[string]*marks{
		"en": english, "es": english, "pt": english, "ht": english, "so": english, "tl": english, "vi": english, "tr": english, "ko": english,
		"de": german, "ar": arabic, "fa": arabic, "ru": newMarks("«", "»", "„", "“"), "uk": newMarks("«", "»", "„", "“"), "pl": newMarks("„", "”", "‚", "’"),
		"it": newMarks("«", "»", "“", "”"), "fr": newMarks("«\u00a0", "\u00a0»", "‹\u00a0", "\u00a0›"),
	}

	apostrophe, enDash, emDash, ellipsis = []byte("’"), []byte("–"), []byte("—"), []byte("…")

	marksKey = parser.NewContextKey() // *marks
	guestKey = parser.NewContextKey() // bool
)

func (smart) Trigger() []byte { return []byte{'"', '\'', '-', '.'} }

func (smart) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	m, _ := pc.Get(marksKey).(*marks)
	if m == nil {
		return nil
	}
	line, _ := block.PeekLine()
	n := run(line)
	if n > 3 || n == 1 && (line[0] == '-' || line[0] == '.') {
		return nil
	}
	before := block.PrecendingCharacter()
	after, _ := utf8.DecodeRune(line[n:])
	var s []byte
	switch line[0] {
	case '"':
		n = 1
		if s = m.end; opens(before, line[1:]) {
			s = m.open
		}
	case '\'':
		n, s = 1, m.single(before, line[1:])
	case '-':
		s = dash(n, before, after)
	case '.':
		if n == 3 && before != '.' {
			s = ellipsis
		}
	}
	if s == nil {
		return nil
	}
	block.Advance(n)
	node := ast.NewString(s)
	node.SetCode(true) // needs no escape
	return node
}

// run counts how often the first byte is repeated, up to 4.
func run(line []byte) int {
	n := 1
	for n < min(len(line), 4) && line[n] == line[0] {
		n++
	}
	return n
}

// dash wants blanks on both sides, or on none: -v and --all are no dashes.
func dash(n int, before, after rune) []byte {
	if before == '-' || before == '<' || after == '>' || unicode.IsSpace(before) != isEnd(after) {
		return nil
	}
	if n == 3 {
		return emDash
	}
	return enDash
}

func isEnd(r rune) bool { return unicode.IsSpace(r) || r == utf8.RuneError }

// opens tells that a quote between before and rest begins what is quoted.
func opens(before rune, rest []byte) bool {
	after, _ := utf8.DecodeRune(rest)
	if isEnd(after) {
		return false
	}
	if strings.ContainsRune("*_~", before) {
		return unicode.IsLetter(after) || unicode.IsDigit(after)
	}
	return unicode.IsSpace(before) || strings.ContainsRune("([{-–—/«“„‘", before)
}

// single tells a quote from an apostrophe: a quote that opens is closed on the same line.
func (m *marks) single(before rune, rest []byte) []byte {
	switch {
	case unicode.IsLetter(before) && startsWord(rest):
		return apostrophe
	case len(m.in) == 0:
		return nil
	case !opens(before, rest):
		return m.out
	case closes(rest):
		return m.in
	}
	return apostrophe
}

func startsWord(b []byte) bool {
	r, _ := utf8.DecodeRune(b)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// farthest is how far away the end of a single quote is looked for, in bytes.
const farthest = 300

// closes finds a quote that ends a word.
func closes(b []byte) bool {
	for i := 1; i < min(len(b), farthest); i++ {
		if b[i] == '\'' && !slices.Contains([]byte(" \t'"), b[i-1]) && !startsWord(b[i+1:]) {
			return true
		}
	}
	return false
}
