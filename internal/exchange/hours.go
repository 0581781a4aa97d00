package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

const day = `(?:Mo|Tu|We|Th|Fr|Sa|Su)`

// The steps that turn hours in English into site's form; what no step knows stays
// and keeps the rule at the end from matching.
var (
	hoursTag     = regexp.MustCompile(`<[^<>]*>`)
	hoursMark    = regexp.MustCompile(`[&•/.]`)
	hoursNoon    = regexp.MustCompile(`(?:12 ?)?(noon|midnight)`)
	hoursHalf    = regexp.MustCompile(`\b([ap])\. ?m\b\.?`)
	hoursDash    = regexp.MustCompile(`[–—]|\b(?:to|through|thru|until|til|till)\b`)
	hoursRange   = regexp.MustCompile(`\b([0-9]{1,2})(?::([0-9]{2}))?(:[0-9]{2})?\s*([ap]?)m?\s*-\s*([0-9]{1,2})(?::([0-9]{2}))?(:[0-9]{2})?\s*([ap]?)m?\b`)
	hoursDay     = regexp.MustCompile(`\b(?:(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:days?)?|m|tu|w|th|f|sa|su)\b`)
	hoursNth     = regexp.MustCompile(`((?:(?:[1-5](?:st|nd|rd|th)|last)[\s,]*(?:and\s+)?)+)(` + day + `)`)
	hoursFiller  = regexp.MustCompile(`\b(?:of|each|every|the|month|from|open|hours|on|and)\b`)
	hoursRule    = regexp.MustCompile(`^[\s,;:]*((?:` + day + `\[[-0-9,]+\][\s,:]*)+|(?:` + day + `(?:\s*-\s*` + day + `)?[\s,:]*)+)-?\s*((?:[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}[\s,]*)+|closed)[\s,;:]*`)
	dayInText    = regexp.MustCompile(`(?i)\bdays?: ([^|\n]+)`)
	spaceAround  = regexp.MustCompile(`\s*-\s*`)
	betweenItems = regexp.MustCompile(`[\s,:]+`)
	shortDays    = map[string]string{"m": "Mo", "w": "We", "f": "Fr"}
)

// hours sets the field when all of the text is understood, if need be with the day
// that the record's notes name; else the words stay in the text.
func (im *importer) hours(d *draft, text string) {
	norm, ok := normalHours(text)
	if m := dayInText.FindStringSubmatch(strings.Join(im.plan.values("body", &d.rec, true), "\n")); !ok && m != nil {
		norm, ok = normalHours(m[1] + " " + text)
	}
	if !ok {
		norm = ""
	}
	im.setHours(d, norm, strings.ReplaceAll(text, "</tr>", "\n"))
}

// setHours sets the field, or keeps the words when there is no norm.
func (im *importer) setHours(d *draft, norm, words string) {
	if norm != "" {
		im.set(d, "hours", norm)
		return
	}
	d.text = append(d.text, "## Hours\n\n"+plainText(hoursTag.ReplaceAllString(words, " ")))
	im.left(d, "hours", words, "are not understood word for word; they stand in the text")
}

// normalHours turns hours in English, or as site.ParseHours has them, into the
// normal form. It says no when a word is not known or times can mean two things.
func normalHours(text string) (string, bool) {
	if h, err := site.ParseHours(text); err == nil {
		return h.String(), true
	}
	s := hoursHalf.ReplaceAllString(strings.ToLower(text), "${1}m")
	s = hoursMark.ReplaceAllString(hoursTag.ReplaceAllString(s, " "), " ")
	s = hoursNoon.ReplaceAllStringFunc(s, func(w string) string {
		return "12:00 " + map[bool]string{true: "pm", false: "am"}[strings.HasSuffix(w, "noon")]
	})
	s = hoursDash.ReplaceAllString(s, "-")
	s = hoursRange.ReplaceAllStringFunc(s, func(r string) string { return spanOf(hoursRange.FindStringSubmatch(r)) + " " })
	s = hoursDay.ReplaceAllStringFunc(s, func(d string) string {
		if shortDays[d] != "" {
			return shortDays[d]
		}
		return strings.ToUpper(d[:1]) + d[1:2]
	})
	s = hoursNth.ReplaceAllStringFunc(s, func(r string) string {
		m := hoursNth.FindStringSubmatch(r)
		return m[2] + "[" + strings.Join(regexp.MustCompile(`[1-5]|-1`).FindAllString(strings.ReplaceAll(m[1], "last", "-1"), -1), ",") + "]"
	})
	s = strings.TrimSpace(hoursFiller.ReplaceAllString(s, " "))
	var w week
	for s != "" {
		m := hoursRule.FindStringSubmatch(s)
		if m == nil {
			return "", false
		}
		days := strings.Trim(betweenItems.ReplaceAllString(spaceAround.ReplaceAllString(m[1], "-"), ","), ",")
		w.add(days, strings.FieldsFunc(strings.TrimPrefix(m[2], "closed"), func(r rune) bool { return strings.ContainsRune(" ,\n\t", r) }))
		s = s[len(m[0]):]
	}
	return w.normal()
}

// spanOf writes the times of hoursRange as site.ParseHours has them; "?" when they
// can mean two things.
func spanOf(m []string) string {
	clock := func(g []string) (minutes int, half string, whole bool) {
		h, _ := strconv.Atoi(g[0])
		n, _ := strconv.Atoi(g[1])
		if g[3] == "" {
			return h*60 + n, "", h > 12 || g[0][0] == '0' || g[2] != ""
		}
		return h%12*60 + n + map[string]int{"p": 720}[g[3]], g[3], h > 12
	}
	a, aHalf, aWhole := clock(m[1:5])
	b, bHalf, bWhole := clock(m[5:9])
	sure := true
	switch {
	case aHalf != "" && bHalf != "":
		sure = !aWhole && !bWhole
	case aHalf == "" && bHalf == "p": // 9-1 pm, 1-3 pm
		if a %= 720; a+720 < b {
			a += 720
		}
		sure = !aWhole
	case aHalf == "a" && bHalf == "" && b <= a: // 9 am-5
		b = b%720 + 720
	case aHalf != "" || bHalf != "":
		sure = false
	case !aWhole && !bWhole:
		sure = a < b && a >= 7*60
	default:
		sure = a < b
	}
	if !sure || a == b {
		return "?"
	}
	return hhmm(a) + "-" + hhmm(b)
}

func hhmm(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// week collects the times of single days, such as "Mo" and "Sa[1]".
type week struct {
	days  []string // with times, in order
	times map[string][]string
}

// add adds times, none for closed, to days as site.ParseHours has them.
func (w *week) add(days string, spans []string) {
	h, err := site.ParseHours(days + " off")
	if err != nil {
		h.Rules, spans = []site.Rule{{Days: []site.Days{{}}}}, []string{"?"}
	}
	if w.times == nil {
		w.times = map[string][]string{}
	}
	for _, d := range h.Rules[0].Days {
		nths := [][]int{nil}
		if d.Nth != nil {
			nths = slices.Collect(slices.Chunk(d.Nth, 1))
		}
		for _, nth := range nths {
			for i := range (d.To-d.From+7)%7 + 1 {
				w.addOne(site.Days{From: (d.From + i) % 7, To: (d.From + i) % 7, Nth: nth}.String(), spans)
			}
		}
	}
}

func (w *week) addOne(day string, spans []string) {
	if len(spans) > 0 && !slices.Contains(w.days, day) {
		w.days = append(w.days, day)
	}
	w.times[day] = append(w.times[day], spans...)
}

// normal writes days with the same times as one rule. A day that is there with
// and without its number in the month can mean two things.
func (w *week) normal() (string, bool) {
	var order []string
	rules := map[string][]string{}
	for _, d := range w.days {
		slices.Sort(w.times[d])
		times := strings.Join(slices.Compact(w.times[d]), ",")
		if day, _, nth := strings.Cut(d, "["); nth && w.times[day] != nil {
			return "", false
		}
		if rules[times] == nil {
			order = append(order, times)
		}
		rules[times] = append(rules[times], d)
	}
	for i, times := range order {
		order[i] = strings.Join(rules[times], ",") + " " + times
	}
	if w.days == nil && len(w.times) == 7 {
		order = []string{"off"}
	}
	h, err := site.ParseHours(strings.Join(order, "; "))
	return h.String(), err == nil
}
