package intake

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"potluck/internal/site"
)

// Reveal is a piece of a public answer by which somebody could be called, written to, or
// found at home.
type Reveal struct {
	Field *site.Field
	What  string // phone, email or address
	Text  string
}

// Reveals looks through the public words of a page that came from a form. It is a reason to
// ask, not to refuse: it knows how numbers, mail addresses and streets are mostly written in
// English, Spanish and Arabic.
func Reveals(k *site.Kind, p *site.Page) (all []Reveal) {
	words := pageValues(p)
	for _, f := range append([]*site.Field{k.Field("title"), k.Field("body")}, k.Fields...) {
		if f == nil || !hasWords(f) || words[f.Name] == nil {
			continue
		}
		for _, text := range words[f.Name] {
			for _, s := range FindReveals(text) {
				all = append(all, Reveal{f, s.What, text[s.From:s.To]})
			}
		}
		words[f.Name] = nil
	}
	return all
}

// hasWords tells that a field is public and takes any words. One that asks for a number or a
// mail address is meant to show it.
func hasWords(f *site.Field) bool {
	return f.Class == site.Public && f.Name != "address" && (f.Type == site.Text || f.Type == site.LongText || f.Type == site.List)
}

// Conceal takes the pieces that [Reveals] finds out of what was typed for public questions,
// leaves "…" there, and adds them to what was typed for private ones. Every other word stays.
// Without a private question to put them into, the values stay as they are.
func Conceal(qs []Question, values map[string][]string) map[string][]string {
	moved := map[string][]string{}
	for name, v := range values {
		moved[name] = slices.Clone(v)
	}
	for _, q := range qs {
		if !hasWords(q.Field) {
			continue
		}
		for i, text := range moved[q.Name] {
			moved[q.Name][i] = conceal(site.CleanLong(text), qs, moved)
		}
	}
	return moved
}

func conceal(text string, qs []Question, values map[string][]string) string {
	var b strings.Builder
	at := 0
	for _, s := range FindReveals(text) {
		name := home(qs, values, s.What)
		if name == "" {
			return text
		}
		values[name] = []string{strings.TrimPrefix(strings.Join(values[name], "\n")+"\n"+text[s.From:s.To], "\n")}
		b.WriteString(text[at:s.From] + "…")
		at = s.To
	}
	if at == 0 {
		return text
	}
	b.WriteString(text[at:])
	if !strings.ContainsFunc(b.String(), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
		return "" // nothing is left: the form asks for it again
	}
	return b.String()
}

// CanConceal tells that a form has a private question for what [Conceal] moves.
func CanConceal(qs []Question) bool { return home(qs, nil, "") != "" }

// home names the private question where a piece belongs: the one that asks for such a thing,
// if it is empty, else one that takes many words, a sealed one before others.
func home(qs []Question, values map[string][]string, what string) (name string) {
	class := site.Public
	for _, q := range qs {
		fits := what == "address" && q.Name == "address" || (what == "phone" || what == "email") && (q.Name == "contact" || string(q.Type) == what)
		if q.Class != site.Public && fits && strings.TrimSpace(strings.Join(values[q.Name], "")) == "" {
			return q.Name
		}
		if q.Type == site.LongText && q.Class < class {
			name, class = q.Name, q.Class
		}
	}
	return name
}

// Span is a piece of a text, in bytes.
type Span struct {
	What     string // phone, email or address
	From, To int
}

// FindReveals finds phone numbers, mail addresses and street addresses, in the order of the text.
func FindReveals(text string) (spans []Span) {
	for _, p := range revealing() {
		for _, m := range p.form.FindAllStringSubmatchIndex(text, -1) {
			s := Span{p.what, m[2], m[3]}
			free := !slices.ContainsFunc(spans, func(o Span) bool { return s.From < o.To && o.From < s.To })
			if free && (p.not == nil || !p.not(text[s.From:s.To])) {
				spans = append(spans, s)
			}
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	return spans
}

// revealing are the forms, surest first; not says what only looks like one. \b of the regexp
// package knows ASCII alone, so each form says where its words begin and end. They are made
// when they are first wanted: that takes as long as all else that begins with the program.
var revealing = sync.OnceValue(func() []revealForm {
	return []revealForm{
		{"email", regexp.MustCompile(`(?i)([\p{L}\p{N}._%+-]+(?:@|\s*[\[(](?:at|arroba|@)[\])]\s*)[\p{L}\p{N}-]+(?:(?:\.|\s*[\[(](?:dot|punto)[\])]\s*)[\p{L}\p{N}-]+)+)`), nil},
		{"email", regexp.MustCompile(`(?i)([\p{L}\p{N}._%+-]+ (?:at|arroba) [\p{L}\p{N}-]+ (?:dot|punto) \p{L}{2,})`), nil},
		{"address", regexp.MustCompile(`(?i)(\p{Nd}{1,5}[a-z]?[ \t]+` + streetName + `(?:street|avenue|road|lane|boulevard|terrace|crescent|parkway|highway|alley|ave|rd|blvd))(?:[^\p{L}\p{N}]|$)`), inASentence},
		{"address", regexp.MustCompile(`(\p{Nd}{1,5}[a-zA-Z]?[ \t]+(?:[\p{Lu}\p{N}][\p{L}\p{N}.'’]*[ \t]+){1,3}(?:Drive|Dr|Way|Place|Pl|Close|Row|Square|Sq|Circle|St|Court|Ct|Ln|Gardens|Hill|Trail))(?:[^\p{L}\p{N}]|$)`), nil},
		{"address", regexp.MustCompile(`(?i)(?:^|[^\p{L}])((?:calle|c/|avenida|avda?\.?|av\.|carrera|cra\.|paseo|plaza|camino|pasaje|callej[oó]n|carretera|bulevar|travesía|calzada)[ \t]*` +
			`(?:[\p{L}\p{N}.'’ºª]+[ \t]+){0,4}?(?:[\p{L}\p{N}.'’ºª]+,[ \t]*)?(?:n[.ºo°]*[ \t]*|#[ \t]*|n[uú]m(?:ero|\.)?[ \t]*)?\p{Nd}{1,5}(?:[ \t]*#[ \t]*\p{Nd}[\p{Nd}-]*)?)`), inASentence},
		{"address", regexp.MustCompile(`((?:[بلو]?(?:ال)?(?:شارع|طريق|جادة|زقاق|حارة|ساحة|ميدان|عمارة|بناية))(?:[ \t]+\p{L}+){0,4}?[ \t،]*(?:رقم[ \t]*)?\p{Nd}{1,5})`), inASentence},
		{"address", regexp.MustCompile(`(\p{Nd}{1,5}[ \t،]+(?:شارع|طريق|جادة|زقاق)[ \t]+\p{L}+(?:[ \t]+\p{L}+)?|(?:بيت|منزل|شقة)[ \t]+رقم[ \t]*\p{Nd}{1,5})`), nil},
		{"address", regexp.MustCompile(`(?i)(?:^|[^\p{L}])((?:apt|apartment|flat|apto|apartamento|depto|departamento|شقة)\.?[ \t]*(?:n[o.º]*[ \t]*|#[ \t]*)?\p{Nd}{1,4}\p{L}?)(?:[^\p{L}\p{N}]|$)`), nil},
		{"phone", regexp.MustCompile(`((?:[+(][ \t]?)?\p{Nd}[\p{Nd} \t\x{a0}()./\x{2010}-\x{2015}-]{4,24}\p{Nd}(?:[ \t]*(?:ext|x|extensión|داخلي)\.?[ \t]*\p{Nd}{1,6})?)`), noPhone},
	}
})

type revealForm struct {
	what string
	form *regexp.Regexp
	not  func(string) bool
}

// streetName is one to three words between a number and "street".
const streetName = `(?:[\p{L}\p{N}.'’]+[ \t]+){1,3}`

// inASentence tells that what looks like a street is a part of one, such as "5 blocks down
// the road" or "en la calle a las 5".
func inASentence(s string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(s)), func(w string) bool { return slices.Contains(betweenWords, w) })
}

var betweenWords = strings.Fields(`
	on the in a of off across from down up along for to at my our your this that by near and or people persons kids children minutes hours days weeks blocks miles km
	al en por con para desde hasta cada hay tengo somos personas niños minutos horas días cuadras
	في من إلى على مع عند كل أشخاص أطفال دقائق ساعات أيام`)

var (
	dayOrYears = regexp.MustCompile(`^\(?(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})|(19|20)\d\d[-–/](19|20)?\d\d)[.)]?$`)
	onlyDigits = regexp.MustCompile(`\d`)
)

// noPhone tells that digits are too few or too many for a number to call, or are days, or
// small numbers in a row, such as sizes.
func noPhone(s string) bool {
	digits, longest, first := 0, 0, ""
	for _, w := range strings.FieldsFunc(latinDigits(s), func(r rune) bool { return r == ' ' || r == '\t' || r == '\u00a0' }) {
		if dayOrYears.MatchString(w) {
			continue
		}
		n := len(onlyDigits.FindAllString(w, -1))
		if digits += n; first == "" {
			first = w
		}
		longest = max(longest, n)
	}
	inPairs := longest <= 2 && !strings.HasPrefix(first, "0") && !strings.HasPrefix(first, "+")
	return digits < 7 || digits > 15 || inPairs
}

// latinDigits writes Arabic and Persian digits as 0 to 9.
func latinDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		return r
	}, s)
}
