package builder

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"potluck/internal/site"
)

// weekdays are the names of the days from Sunday, for the languages that have words for hours.
var weekdays = map[string][7]string{
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	"es": {"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
	"ar": {"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"},
}

// hoursSpeaker puts opening hours into words of one language.
type hoursSpeaker struct {
	words words
	lang  string
	langs []string
	said  *sync.Map // rule as it was written → its words: many say the same
}

// text gives opening hours in words, a line for each rule. What cannot be read, or has
// no words in the language, is given as it was written.
func (sp hoursSpeaker) text(s string) []string {
	var parts, lines []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	if strings.Contains(s, `"`) { // a comment may hold the sign between rules
		return sp.anew(s, parts)
	}
	for _, part := range parts {
		line, ok := sp.said.Load(part)
		if !ok {
			return sp.anew(s, parts)
		}
		lines = append(lines, line.(string))
	}
	return lines
}

// anew is text where not all parts are known yet.
func (sp hoursSpeaker) anew(s string, parts []string) (lines []string) {
	h, err := site.ParseHours(s)
	if _, ok := weekdays[sp.lang]; err != nil || !ok {
		return parts
	}
	for i, r := range h.Rules {
		lines = append(lines, sp.rule(r))
		if len(parts) == len(h.Rules) && r.Comment == "" {
			sp.said.Store(parts[i], lines[i])
		}
	}
	return lines
}

func (sp hoursSpeaker) say(key string, args ...any) string {
	return sp.words.say(sp.langs, "hours."+key, args...)
}

func (sp hoursSpeaker) rule(r site.Rule) string {
	var times []string
	for _, t := range r.Times {
		times = append(times, sp.times(t))
	}
	if r.Off {
		times = []string{sp.say("closed")}
	}
	line := sp.days(r)
	if len(times) > 0 {
		line = sp.say("line", line, sp.join(times))
	}
	if r.Comment != "" {
		line += " (" + r.Comment + ")"
	}
	first, n := utf8.DecodeRuneInString(line)
	return string(unicode.ToUpper(first)) + line[n:]
}

func (sp hoursSpeaker) days(r site.Rule) string {
	var parts []string
	for _, d := range r.Days {
		switch {
		case d.From == time.Monday && d.To == time.Sunday:
			parts = append(parts, sp.say("daily"))
		case d.From == d.To && len(d.Nth) == 0:
			parts = append(parts, weekdays[sp.lang][d.From])
		case d.From == d.To:
			for _, n := range d.Nth {
				parts = append(parts, sp.say("nth."+strconv.Itoa(n), weekdays[sp.lang][d.From]))
			}
		case (d.From+1)%7 == d.To:
			parts = append(parts, weekdays[sp.lang][d.From], weekdays[sp.lang][d.To])
		default:
			parts = append(parts, sp.say("days", weekdays[sp.lang][d.From], weekdays[sp.lang][d.To]))
		}
	}
	if r.Holidays {
		parts = append(parts, sp.say("holidays"))
	}
	return sp.join(parts)
}

func (sp hoursSpeaker) times(t site.Times) string {
	switch {
	case t.OpenEnd:
		return sp.say("from", sp.clock(t.From))
	case t.From == 0 && t.To == 24*60:
		return sp.say("always")
	}
	return sp.say("times", sp.clock(t.From), sp.clock(t.To))
}

// clock writes minutes after midnight.
func (sp hoursSpeaker) clock(minutes int) string {
	hour, minute := minutes/60%24, minutes%60
	if sp.lang != "en" {
		return fmt.Sprintf("%d:%02d", hour, minute)
	}
	half := "am"
	if hour >= 12 {
		half = "pm"
	}
	if hour = hour % 12; hour == 0 {
		hour = 12
	}
	if minute == 0 {
		return fmt.Sprintf("%d\u00a0%s", hour, half)
	}
	return fmt.Sprintf("%d:%02d\u00a0%s", hour, minute, half)
}

// join writes "a, b and c".
func (sp hoursSpeaker) join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return sp.say("and", strings.Join(parts[:last], sp.say("comma")), parts[last])
}
