package exchange

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"potluck/internal/site"
)

var (
	hourToken = regexp.MustCompile(`[1-5](?:st|nd|rd|th)\b|[0-9]{1,2}(?::[0-9]{2}){0,2}|\pL+|\S`)
	meridiem  = regexp.MustCompile(`\b([ap])\. ?m\b\.?`)
	dayInText = regexp.MustCompile(`(?i)\bdays?: ([^|\n]+)`)
	fillers   = strings.Fields("of each every the month from open hours on and & , ; : / •")
	dashes    = strings.Fields("- – — to through thru until til till")
	dayShort  = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}
	dayLong   = strings.Fields("monday tuesday wednesday thursday friday saturday sunday")
	nthWords  = map[string]string{"1st": "[1]", "2nd": "[2]", "3rd": "[3]", "4th": "[4]", "5th": "[5]", "first": "[1]", "second": "[2]", "third": "[3]", "fourth": "[4]", "last": "[-1]"}
)

// hours sets the field when all of the text is understood, also with the day that
// the record's notes name; else the words stay in the text.
func (im *importer) hours(d *draft, text string) {
	notes := dayInText.FindStringSubmatch(strings.Join(im.plan.values("body", &d.rec), "\n"))
	norm, ok := normalHours(text)
	if !ok && notes != nil {
		norm, ok = normalHours(notes[1] + " " + text)
	}
	if ok {
		im.field(d, "hours", norm)
		return
	}
	im.hoursInWords(d, tags.ReplaceAllString(strings.ReplaceAll(text, "</tr>", "\n"), " "))
}

func (im *importer) hoursInWords(d *draft, text string) {
	d.text = append(d.text, "## Hours\n\n"+plainText(text))
	d.left(im, "hours", text, "are not understood word for word; they stand in the text")
}

// normalHours turns hours in English, or as site.ParseHours has them, into the
// normal form. It says no when one word is not understood or can mean two things.
func normalHours(text string) (string, bool) {
	if h, err := site.ParseHours(text); err == nil {
		return h.String(), true
	}
	s := strings.ToLower(tags.ReplaceAllString(text, " "))
	s = meridiem.ReplaceAllString(s, "${1}m")
	s = strings.NewReplacer("noon", "12:00 pm", "midnight", "12:00 am").Replace(s)
	tokens := slices.DeleteFunc(hourToken.FindAllString(s, -1), func(t string) bool { return slices.Contains(fillers, t) })
	w := week{}
	for len(tokens) > 0 {
		days, rest := readDays(tokens)
		spans, after := readTimes(rest)
		if days == nil || spans == nil && len(after) == len(rest) {
			return "", false
		}
		w.add(days, spans)
		tokens = after
	}
	return w.normal()
}

// dayOf gives the two letters of a day's name, whole or short, one or many.
func dayOf(t string) string {
	i := slices.IndexFunc(dayLong, func(d string) bool { return strings.HasPrefix(d+"s", t) })
	if i < 0 || t == "t" || t == "s" {
		return ""
	}
	return dayShort[i]
}

// readDays takes days from the tokens: "mon - fri", "2nd 4th tuesday".
func readDays(tokens []string) (days, rest []string) {
	var nth []string
	for len(tokens) > 0 {
		t := tokens[0]
		day := dayOf(t)
		switch {
		case nthWords[t] != "":
			nth = append(nth, nthWords[t])
		case day == "" && t == "daily" && nth == nil:
			days = append(days, dayShort...)
		case day == "" && nth == nil:
			if len(tokens) > 1 && slices.Contains(dashes, t) && days != nil {
				tokens = tokens[1:]
			}
			return days, tokens
		case day == "" || nth == nil && len(days) > 0 && strings.Contains(days[0], "["):
			return nil, tokens
		case nth == nil && len(tokens) > 2 && slices.Contains(dashes, tokens[1]) && dayOf(tokens[2]) != "":
			for i := slices.Index(dayShort, day); dayShort[i%7] != dayOf(tokens[2]); i++ {
				days = append(days, dayShort[i%7])
			}
			tokens = tokens[1:]
		case nth == nil:
			days = append(days, day)
		}
		if day != "" {
			for _, n := range nth {
				days = append(days, day+n)
			}
			nth = nil
		}
		tokens = tokens[1:]
	}
	return nil, nil
}

// readTimes takes "9:00 am - 1:00 pm" and more of them, or "closed".
func readTimes(tokens []string) (spans, rest []string) {
	if len(tokens) > 0 && tokens[0] == "closed" {
		return nil, tokens[1:]
	}
	for {
		from, rest := readClock(tokens)
		if len(rest) == len(tokens) || len(rest) < 2 || !slices.Contains(dashes, rest[0]) {
			return spans, tokens
		}
		to, after := readClock(rest[1:])
		span := spanOf(from, to)
		if len(after) == len(rest)-1 || span == "" {
			return spans, tokens
		}
		if !slices.Contains(spans, span) {
			spans = append(spans, span)
		}
		tokens = after
	}
}

// clock is a time of day as it was written.
type clock struct {
	minutes int
	half    string // "a", "p" or ""
	whole   bool   // surely a clock of 24 hours
}

func readClock(tokens []string) (clock, []string) {
	if len(tokens) == 0 || tokens[0][0] < '0' || tokens[0][0] > '9' {
		return clock{}, tokens
	}
	parts := strings.Split(tokens[0], ":")
	h, _ := strconv.Atoi(parts[0])
	c := clock{minutes: h * 60, whole: len(parts) == 3 || len(parts[0]) == 2 && parts[0][0] == '0' || h > 12}
	if len(parts) > 1 {
		m, _ := strconv.Atoi(parts[1])
		c.minutes += m
	}
	if len(tokens) == 1 || !slices.Contains([]string{"a", "am", "p", "pm"}, tokens[1]) {
		return c, tokens[1:]
	}
	c.half = tokens[1][:1]
	if h == 0 || h > 12 {
		return clock{}, tokens
	}
	c.minutes %= 12 * 60
	if c.half == "p" {
		c.minutes += 12 * 60
	}
	return c, tokens[2:]
}

// spanOf writes times as site.ParseHours has them; "" when they can mean two things.
func spanOf(from, to clock) string {
	a, b := from.minutes, to.minutes
	switch {
	case from.half == "" && to.half == "p": // 9-1 pm, 1-3 pm
		if a %= 12 * 60; a+12*60 < b {
			a += 12 * 60
		}
	case from.half == "" && to.half == "a" && a >= b, from.half != "" && to.half == "" && b > a:
		return ""
	case from.half == "a" && to.half == "":
		b = b%(12*60) + 12*60
	case from.half == "" && to.half == "" && !from.whole && !to.whole && (a >= b || a < 7*60):
		return ""
	}
	if a == b || a > b && to.half == "" {
		return ""
	}
	return hhmm(a) + "-" + hhmm(b)
}

func hhmm(m int) string { return fmt.Sprintf("%02d:%02d", m/60, m%60) }

// week collects the times of days such as "Mo" and "Sa[1]".
type week struct {
	days  []string
	times map[string][]string
}

func (w *week) add(days, spans []string) {
	if w.times == nil {
		w.times = map[string][]string{}
	}
	for _, d := range days {
		if spans != nil && !slices.Contains(w.days, d) {
			w.days = append(w.days, d)
		}
		w.times[d] = append(w.times[d], spans...)
	}
}

// normal writes days with the same times as one rule. A day that is there with
// and without its number in the month can mean two things.
func (w *week) normal() (string, bool) {
	var order []string
	rules := map[string][]string{}
	for _, d := range w.days {
		times := strings.Join(w.times[d], ",")
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
		order = []string{"Mo-Su off"}
	}
	h, err := site.ParseHours(strings.Join(order, "; "))
	return h.String(), err == nil
}
