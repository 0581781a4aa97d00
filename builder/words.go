package builder

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"potluck/internal/site"
)

// words are the strings of a theme by language, then key.
type words map[string]map[string]string

// find gives the text of key in the first of langs that has it.
func (w words) find(key string, langs []string) (string, bool) {
	for _, l := range langs {
		if s, ok := w[l][key]; ok {
			return s, true
		}
	}
	return "", false
}

// say finds the words of a key and puts the arguments into them. A text with
// plural forms is looked up form by form in one language before the next.
func (w words) say(langs []string, key string, args ...any) string {
	s, ok := w.find(key, langs)
	if n, counted := count(args); counted && !ok {
		for _, l := range langs {
			if s, ok = w.find(key+"."+pluralForm(l, n), []string{l}); ok {
				break
			}
			if s, ok = w.find(key+".other", []string{l}); ok {
				break
			}
		}
	}
	if !ok {
		return key
	}
	if len(args) == 0 {
		return s
	}
	return fillWords(s, written(langs[0], args))
}

// tell says the words of a key with each argument in a <bdi>, so that a name keeps its
// direction in a sentence of the other one (UAX #9, isolates).
func (w words) tell(langs []string, key string, args ...any) template.HTML {
	var marks []any
	for i := range args {
		marks = append(marks, "{"+strconv.Itoa(i)+"}")
	}
	parts := written(langs[0], args)
	for i, p := range parts {
		parts[i] = "<bdi>" + template.HTMLEscapeString(fmt.Sprint(p)) + "</bdi>"
	}
	return template.HTML(fillWords(template.HTMLEscapeString(w.say(langs, key, marks...)), parts))
}

// fillWords puts arguments in place of {0}, {1} … What they hold is left as it is.
func fillWords(s string, args []any) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:open])
		s = s[open:]
		if n := strings.IndexByte(s, '}'); n > 0 {
			if i, err := strconv.Atoi(s[1:n]); err == nil && i >= 0 && i < len(args) && strconv.Itoa(i) == s[1:n] {
				fmt.Fprint(&b, args[i])
				s = s[n+1:]
				continue
			}
		}
		b.WriteByte('{')
		s = s[1:]
	}
}

// count finds the first argument that is a whole number.
func count(args []any) (int, bool) {
	for _, a := range args {
		if v := reflect.ValueOf(a); v.IsValid() && v.CanInt() {
			return int(v.Int()), true
		}
	}
	return 0, false
}

// pluralForm follows the CLDR rules for whole numbers, of the languages that we
// have words in; the others get one and other.
func pluralForm(lang string, n int) string {
	if lang == "ar" {
		switch m := n % 100; {
		case n == 0:
			return "zero"
		case n == 1:
			return "one"
		case n == 2:
			return "two"
		case m >= 3 && m <= 10:
			return "few"
		case m >= 11:
			return "many"
		}
		return "other"
	}
	if n == 1 {
		return "one"
	}
	return "other"
}

// langNames are languages in their own words.
var langNames = map[string]string{
	"en": "English", "es": "Español", "ar": "العربية", "fr": "Français", "pt": "Português", "zh": "中文", "vi": "Tiếng Việt",
	"ko": "한국어", "ru": "Русский", "ht": "Kreyòl ayisyen", "so": "Soomaali", "fa": "فارسی", "he": "עברית", "ur": "اردو",
	"tl": "Tagalog", "de": "Deutsch", "it": "Italiano", "pl": "Polski", "uk": "Українська", "am": "አማርኛ", "ja": "日本語", "tr": "Türkçe",
}

var rightToLeft = []string{"ar", "fa", "he", "ur", "ps", "yi", "dv", "ckb", "sd", "ug"}

func langName(code string) string {
	base, _, _ := strings.Cut(code, "-")
	if n := langNames[base]; n != "" {
		return n
	}
	return code
}

func langDir(code string) string {
	base, _, _ := strings.Cut(code, "-")
	if slices.Contains(rightToLeft, base) {
		return "rtl"
	}
	return "ltr"
}

// label puts a value of a taxonomy in words. Languages that site.toml does not
// name go by their own name.
func label(cfg *site.Config, taxonomy, value, lang string) string {
	s := cfg.Label(taxonomy, value, lang)
	if taxonomy == "language" && s == value {
		return langName(value)
	}
	return s
}

// fieldLabel names a field: by site.toml, by the theme, by its own name.
func (w words) fieldLabel(langs []string, f *site.Field) string {
	if f == nil {
		return ""
	}
	if s := f.Label.In(langs...); s != "" {
		return s
	}
	if s, ok := w.find("field."+f.Name, langs); ok {
		return s
	}
	return strings.ReplaceAll(f.Name, "_", " ")
}

// optionLabel puts what stands in a field in words: an option by the theme, a date and a
// number as the language writes them.
func (w words) optionLabel(langs []string, f *site.Field, value string, loc *time.Location) string {
	if f == nil {
		return value
	}
	if s, ok := w.find("option."+f.Name+"."+value, langs); ok {
		return s
	}
	switch f.Type {
	case site.Number:
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			return number(langs[0], n)
		}
	case site.Day:
		if d, err := site.ParseDate(value); err == nil {
			return daytime(langs[0], d, loc)
		}
	}
	return value
}
