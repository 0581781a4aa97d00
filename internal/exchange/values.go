package exchange

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

var (
	phoneForm = regexp.MustCompile(`(?i)\+?\(?[0-9][-0-9().\s]{5,}[0-9](?:,?\s*\(?(?:extension|ext|x|opt)[.:]?\s*[0-9]+\)?)?`)
	phoneWord = regexp.MustCompile(`(?i)\b(?:or|and|tel|phone)\b`)
	letters   = regexp.MustCompile(`\p{L}{2}`)
	listSep   = regexp.MustCompile(`[;,|\n]`)
	scheme    = regexp.MustCompile(`^(https?)?:?/*([^/]+\..*)$`)
	mdSpecial = regexp.MustCompile("[\\\\`*_<\\[~&]|(?m:^[ \t]*[-#=>+|])")
)

// listOf reads a list: JSON, or text with semicolons, commas, bars or lines between.
func listOf(s string) []string {
	var list, all []string
	if json.Unmarshal([]byte(s), &list) != nil {
		list = []string{s}
	}
	for _, v := range listSep.Split(strings.Join(list, "\n"), -1) {
		if v = site.CleanLine(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// terms gives the values of a taxonomy. Where the network has a list of them, the
// others stay in the text; where it has none, they are new values.
func (im *importer) terms(d *draft, taxonomy, field string, values []string) []string {
	var terms, words []string
	for _, item := range listOf(strings.Join(values, "\n")) {
		switch term := im.term(taxonomy, item); {
		case term == "":
			words = append(words, item)
			im.left(d, field, item, "are not of this network; they stand in the text")
		case !slices.Contains(terms, term):
			terms = append(terms, term)
		}
	}
	if words != nil {
		d.text = append(d.text, plainText(strings.ToUpper(field[:1])+field[1:]+": "+strings.Join(words, ", ")))
	}
	return terms
}

// term finds the value that is meant: by its name, its last part, or its label.
func (im *importer) term(taxonomy, item string) string {
	t, s := im.cfg.Taxonomy[taxonomy], slug(item)
	for _, v := range t.Values {
		if v == item || slug(v) == s || v[strings.LastIndexByte(v, '/')+1:] == s {
			return v
		}
		for _, label := range t.Labels[v] {
			if slug(label) == s {
				return v
			}
		}
	}
	if len(t.Values) > 0 {
		return ""
	}
	im.rep.Made[s]++
	return s
}

// phones takes the numbers out of cells. Other words may be somebody's name and do
// not go on a page.
func (im *importer) phones(d *draft, values []string) {
	var numbers []string
	for _, v := range values {
		found := phoneForm.FindAllString(v, -1)
		numbers = append(numbers, found...)
		if rest := phoneWord.ReplaceAllString(phoneForm.ReplaceAllString(v, " "), ""); found == nil {
			im.left(d, "phones", v, "is not a phone number")
		} else if letters.MatchString(rest) {
			im.left(d, "phones", v, "has words beside the number that may be a name")
		}
	}
	if numbers != nil {
		im.set(d, "phones", strings.Join(numbers, ";"))
	}
}

// coordinates sets both or none.
func (im *importer) coordinates(d *draft, lat string) {
	lon := strings.Join(im.plan.values("longitude", &d.rec, false), "")
	x, errX := strconv.ParseFloat(lon, 64)
	y, errY := strconv.ParseFloat(lat, 64)
	switch {
	case errX != nil || errY != nil:
		im.left(d, "latitude", lat+", "+lon, "is not a pair of numbers")
	case x == 0 && y == 0:
		im.left(d, "latitude", lat+", "+lon, "is 0,0, which is in the sea")
	case !(math.Abs(y) <= 90 && math.Abs(x) <= 180):
		im.left(d, "latitude", lat+", "+lon, "is not in degrees; metres, perhaps")
	default:
		im.set(d, "latitude", lat)
		im.set(d, "longitude", lon)
	}
}

// webAddress mends what is often wrong with a web address: no scheme, "http//".
func webAddress(s string) string {
	m := scheme.FindStringSubmatch(s)
	switch {
	case m == nil:
		return s
	case m[1] == "":
		return "https://" + m[2]
	}
	return m[1] + "://" + m[2]
}

// plainText makes Markdown that reads as the text does: lines stay lines, and no
// character has a meaning.
func plainText(s string) string {
	s = mdSpecial.ReplaceAllStringFunc(site.CleanLong(s), func(c string) string { return `\` + strings.TrimSpace(c) })
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
		if i > 0 && lines[i] != "" && lines[i-1] != "" {
			lines[i-1] += `\`
		}
	}
	return strings.Join(lines, "\n")
}

var nonASCII = map[string]string{
	"a": "àáâãåāăąǎạảấầ", "ae": "æä", "c": "çćčĉċ", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếề", "g": "ğĝġģ", "h": "ĥħ", "i": "ìíîïĩīĭįıị", "j": "ĵ", "k": "ķ",
	"l": "ĺļľł", "n": "ñńņňŋ", "o": "òóôõōŏőøọỏốồơ", "oe": "œö", "r": "ŕŗř", "s": "śŝşšș", "ss": "ß", "t": "ţťŧț", "th": "þ", "u": "ùúûũūŭůűųụủư", "ue": "ü",
	"w": "ŵ", "y": "ýÿŷỳ", "z": "źżž", "": "'’‘´`.\u0300\u0301\u0302\u0303\u0308\u030c\u0327", " and ": "&",
}

var fold = func() *strings.Replacer {
	var pairs []string
	for ascii, letters := range nonASCII {
		for _, l := range letters {
			pairs = append(pairs, string(l), ascii)
		}
	}
	return strings.NewReplacer(pairs...)
}()

// slug makes a name for a file: small ASCII letters, digits and single hyphens. A
// text without any gets a name from its hash.
func slug(s string) string {
	s = strings.ToLower(site.CleanLine(s))
	name := strings.Trim(nonWord.ReplaceAllString(fold.Replace(s), "-"), "-")
	if len(name) > 70 {
		name = strings.TrimRight(name[:max(strings.LastIndexByte(name[:70], '-'), 40)], "-")
	}
	if s != "" && (name == "" || name == "index") {
		h := fnv.New32a()
		_, _ = h.Write([]byte(s))
		return fmt.Sprintf("entry-%08x", h.Sum32())
	}
	return name
}
