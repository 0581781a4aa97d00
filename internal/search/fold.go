package search

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters maps what NFKD leaves apart and readers write the same. The script has
// the same table; a test holds them together.
var letters = func() map[rune]string {
	m := map[rune]string{}
	table := "đd ðd ɖd ɗd ħh ıi ƙk łl ŋn ɲn øo ɔo ɛe ɓb ŧt ƴy ßss æae œoe þth ςσ ґг " +
		"ٱا ىي ةه کك یي ہه ךכ םמ ןנ ףפ ץצ"
	for pair := range strings.FieldsSeq(table) {
		r := []rune(pair)
		m[r[0]] = string(r[1:])
	}
	for i := range rune(10) {
		m['٠'+i], m['۰'+i] = string('0'+i), string('0'+i)
	}
	return m
}()

// dropped are marks and signs inside words that do not part them.
var dropped = &unicode.RangeTable{R16: []unicode.Range16{
	{'\'', '\'', 1}, {0xad, 0xad, 1}, {0x2bc, 0x2bc, 1}, {0x300, 0x36f, 1}, {0x591, 0x5c7, 1}, {0x610, 0x61a, 1},
	{0x640, 0x640, 1}, {0x64b, 0x65f, 1}, {0x670, 0x670, 1}, {0x6d6, 0x6ed, 1}, {0x200c, 0x200d, 1}, {0x2018, 0x2019, 1},
	{0x3099, 0x309a, 1},
}, LatinOffset: 2}

// unspaced are scripts that put no spaces between words.
var unspaced = &unicode.RangeTable{
	R16: []unicode.Range16{{0xe00, 0xeff, 1}, {0x1000, 0x109f, 1}, {0x1780, 0x17ff, 1}, {0x3040, 0x30ff, 1}, {0x3400, 0x4dbf, 1}, {0x4e00, 0x9fff, 1}},
	R32: []unicode.Range32{{0x20000, 0x3ffff, 1}},
}

// article is the Arabic one, joined or not, before at least two or three letters.
var article = regexp.MustCompile(`^(?:ال(..)|[وفبك]ال(...)|لل(...))`)

// Tokens gives the words of a text in the form in which they are looked up, in
// their order.
func Tokens(text string) []string {
	t := tokenizer{found: make([]string, 0, len(text)/5)}
	for _, r := range norm.NFKD.String(text) {
		t.add(unicode.ToLower(r))
	}
	t.end()
	return t.found
}

type tokenizer struct {
	found []string
	word  strings.Builder
	run   []rune
}

func (t *tokenizer) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z':
		t.endRun()
		t.word.WriteByte(byte(r))
	case unicode.Is(dropped, r):
	case unicode.Is(unspaced, r):
		t.endWord()
		t.run = append(t.run, r)
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
		t.endRun()
		if s, ok := letters[r]; ok {
			t.word.WriteString(s)
			return
		}
		t.word.WriteRune(r)
	default:
		t.end()
	}
}

func (t *tokenizer) end() { t.endWord(); t.endRun() }

func (t *tokenizer) endWord() {
	if t.word.Len() > 0 {
		t.found = append(t.found, stem(t.word.String()))
		t.word.Reset()
	}
}

// endRun makes pairs of a run of characters without spaces.
func (t *tokenizer) endRun() {
	if len(t.run) == 1 {
		t.found = append(t.found, string(t.run))
	}
	for i := 1; i < len(t.run); i++ {
		t.found = append(t.found, string(t.run[i-1:i+1]))
	}
	t.run = t.run[:0]
}

// stem drops the Arabic article, and the s of plurals in Latin script.
func stem(w string) string {
	switch {
	case w[0] >= 0xd8 && w[0] <= 0xdb:
		return article.ReplaceAllString(w, "$1$2$3")
	case len(w) < 4 || !isPlural(w):
		return w
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	}
	return w[:len(w)-1]
}

// isPlural tells that a word of Latin script ends in s, but not ss, is or us.
func isPlural(w string) bool {
	before := w[max(len(w)-2, 0)]
	return w[len(w)-1] == 's' && 'a' <= before && before <= 'z' && before != 'i' && before != 's' && before != 'u' &&
		strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// IsUnspaced tells that a word is of a script without spaces.
func IsUnspaced(w string) bool {
	for _, r := range w {
		return unicode.Is(unspaced, r)
	}
	return false
}
