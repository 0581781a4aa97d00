package exchange

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

var (
	phoneForm = regexp.MustCompile(`(?i)\+?\(?[0-9][-0-9().  ]{5,}[0-9](?:,?\s*(?:extension|ext|x|opt)[.:]?\s*[0-9]+|\s*\(opt [0-9]\))?`)
	letters   = regexp.MustCompile(`\p{L}{2,}`)
	listSep   = regexp.MustCompile(`[;,|\n]`)
	scheme    = regexp.MustCompile(`^(https?):?/*`)
	mdSpecial = regexp.MustCompile("[\\\\`*_<\\[~]")
	mdStart   = regexp.MustCompile(`(?m)^[ \t]*([-#=>+|])`)
	oneBreak  = regexp.MustCompile(`([^\n])\n([^\n])`)
	tags      = regexp.MustCompile(`<[^<>]*>`)
)

// listOf reads a list: JSON, or text with semicolons, commas, bars or lines between.
func listOf(s string) []string {
	var list []string
	if json.Unmarshal([]byte(s), &list) != nil {
		list = []string{s}
	}
	var all []string
	for _, part := range list {
		for _, v := range listSep.Split(part, -1) {
			if v = site.CleanLine(v); v != "" {
				all = append(all, v)
			}
		}
	}
	return all
}

// terms gives the values of a taxonomy. Where the network has a fixed list, the
// others stay in the text; where it has none, they become new values.
func (im *importer) terms(d *draft, taxonomy, field string, values []string) []string {
	var terms, words []string
	for _, v := range values {
		for _, item := range listOf(v) {
			switch term, ok := im.term(taxonomy, item); {
			case !ok:
				words = append(words, item)
				d.left(im, field, item, "is not a "+taxonomy+" of this network; it stands in the text")
			case !slices.Contains(terms, term):
				terms = append(terms, term)
			}
		}
	}
	if words != nil {
		d.text = append(d.text, plainText(strings.ToUpper(field[:1])+field[1:]+": "+strings.Join(words, ", ")))
	}
	return terms
}

// term finds the value that is meant: by its name, its last part, or its label.
func (im *importer) term(taxonomy, item string) (string, bool) {
	t, s := im.cfg.Taxonomy[taxonomy], slug(item)
	if len(t.Values) == 0 {
		im.rep.Made[s]++
		return s, true
	}
	for _, v := range t.Values {
		if v == item || slug(v) == s || v[strings.LastIndexByte(v, '/')+1:] == s {
			return v, true
		}
		for _, label := range t.Labels[v] {
			if slug(label) == s {
				return v, true
			}
		}
	}
	return "", false
}

// phones takes the numbers out of cells. Other words may be somebody's name and
// do not go on a page.
func (im *importer) phones(d *draft, values []string) {
	var numbers []string
	for _, v := range values {
		for _, n := range phoneForm.FindAllString(v, -1) {
			numbers = append(numbers, strings.TrimSpace(n))
		}
		switch rest := phoneForm.ReplaceAllString(v, " "); {
		case !phoneForm.MatchString(v):
			d.left(im, "phones", v, "is not a phone number")
		case letters.MatchString(strings.ReplaceAll(rest, "or", "")):
			d.left(im, "phones", v, "has other words beside the number, which may be a name")
		}
	}
	if numbers != nil {
		im.field(d, "phones", strings.Join(numbers, "; "))
	}
}

// coordinates sets both or none.
func (im *importer) coordinates(d *draft, lat string) {
	lon := strings.Join(im.plan.values("longitude", &d.rec), "")
	x, errX := strconv.ParseFloat(lon, 64)
	y, errY := strconv.ParseFloat(lat, 64)
	reason := ""
	switch {
	case errX != nil || errY != nil:
		reason = "is not a pair of numbers"
	case x == 0 && y == 0:
		reason = "is 0,0, which is in the sea"
	case !(math.Abs(y) <= 90 && math.Abs(x) <= 180):
		reason = "is not in degrees (metres, perhaps)"
	}
	if reason != "" {
		d.left(im, "latitude", lat+", "+lon, reason)
		return
	}
	im.field(d, "latitude", lat)
	im.field(d, "longitude", lon)
}

// webAddress mends what is often wrong with a web address: no scheme, "http//".
func webAddress(s string) string {
	host := scheme.ReplaceAllString(strings.TrimSpace(s), "")
	if !strings.Contains(host, ".") {
		return s
	}
	if m := scheme.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		return m[1] + "://" + host
	}
	return "https://" + host
}

// plainText makes Markdown that reads as the text does: lines stay lines, and no
// character has a meaning.
func plainText(s string) string {
	s = mdSpecial.ReplaceAllString(site.CleanLong(s), `\$0`)
	s = mdStart.ReplaceAllString(s, `\$1`)
	var lines []string
	for l := range strings.Lines(s) {
		lines = append(lines, strings.TrimSpace(l))
	}
	s = strings.Join(lines, "\n")
	return oneBreak.ReplaceAllString(oneBreak.ReplaceAllString(s, "$1\\\n$2"), "$1\\\n$2")
}
