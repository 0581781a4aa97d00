package site

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OpenHours is a week of opening times: rules of which, for each day, the last
// that names the day counts. It is written in a checked subset of OpenStreetMap's
// opening_hours (https://wiki.openstreetmap.org/wiki/Key:opening_hours):
//
//	Mo-Fr 09:00-12:00,13:00-17:00; Sa[1,-1] 10:00+ "ring the bell"; Su,PH off
//
// A rule is days, then times or off, then a comment. Days left out mean every
// day; a comment without times means "open, but ask". 24/7 is days and times at once.
type OpenHours struct {
	Rules []Rule
}

// Rule is one part between semicolons. Days are in the order of the week, from
// Monday; they are empty only when the rule is for public holidays alone.
type Rule struct {
	Days     []Days
	Holidays bool // PH
	Times    []Times
	Off      bool
	Comment  string
}

// Days is one day of the week or several in a row. Nth, only on one day, says
// which of the month: 1 to 5, or -1 for the last one to -5.
type Days struct {
	From, To time.Weekday
	Nth      []int
}

// Times is from when until when, in minutes after midnight; To is above 1440 when
// it is on the day after. With OpenEnd the end is not known, and To is 1440.
type Times struct {
	From, To int
	OpenEnd  bool
}

const dayMinutes = 24 * 60

var (
	dayNames   = []string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}
	dayItem    = newItem("MmTtWwFfSsPp\xc5", plainDays, `(?i)^(Mo|Tu|We|Th|Fr|Sa|Su|PH)\b(?:\s*[-–]\s*(Mo|Tu|We|Th|Fr|Sa|Su)\b|\s*\[([-0-9, ]*)\])?`)
	timeItem   = newItem("0123456789", plainTimes, `^([0-9]{1,2}):([0-5][0-9])\s*(?:[-–]\s*([0-9]{1,2}):([0-5][0-9])|(\+))`)
	offItem    = newItem("oOcC", nil, `(?i)^(?:off|closed)\b`)
	wholeItem  = newItem("2", nil, `^24/7`)
	noteItem   = newItem(`"`, nil, `^"([^"]*)"`)
	timesAhead = regexp.MustCompile(`(?i)^(?:[0-9:"]|off\b|closed\b)`)
	daysEnd    = newItem(":", nil, `^:`)
	itemSep    = newItem(",", nil, `^,`)
	ruleSep    = newItem(";", nil, `^;[;\s]*`)
	nextWord   = regexp.MustCompile(`^(?:[\p{L}\p{N}:]+|.)?`)
	seasons    = regexp.MustCompile(`(?i)^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|SH|easter)`)
)

// item is a part of opening hours.
type item struct {
	first string // bytes that it can begin with
	form  *regexp.Regexp
	plain func(s string) []string // what form finds in the plainest of texts, or nil
}

func newItem(first string, plain func(string) []string, form string) item {
	return item{first, regexp.MustCompile(form), plain}
}

// plainDays reads one day, or two with a hyphen between, before a blank and a time.
func plainDays(s string) []string {
	if len(s) > 3 && isPlainDay(s[:2]) && s[2] == ' ' && s[3] >= '0' && s[3] <= '9' {
		return []string{s[:2], s[:2], "", ""}
	}
	if len(s) > 5 && isPlainDay(s[:2]) && s[2] == '-' && isPlainDay(s[3:5]) && s[5] == ' ' {
		return []string{s[:5], s[:2], s[3:5], ""}
	}
	return nil
}

func isPlainDay(s string) bool { return slices.Contains(dayNames, s) }

// plainTimes reads 09:00-17:00.
func plainTimes(s string) []string {
	const form = "00:00-00:00"
	if len(s) < len(form) || s[2] != ':' || s[5] != '-' || s[8] != ':' || s[3] > '5' || s[9] > '5' {
		return nil
	}
	for _, i := range []int{0, 1, 3, 4, 6, 7, 9, 10} {
		if s[i] < '0' || s[i] > '9' {
			return nil
		}
	}
	return []string{s[:len(form)], s[:2], s[3:5], s[6:8], s[9:11], ""}
}

// ParseHours reads opening hours. The error names what was not understood and
// its column in bytes, from 1.
func ParseHours(s string) (OpenHours, error) {
	p := &hoursParser{s: s}
	var h OpenHours
	for p.take(ruleSep); p.skip() < len(s); {
		r := p.rule()
		if p.err == nil && p.skip() < len(s) && p.take(ruleSep) == nil {
			p.fail("is not understood here; a new rule begins after ;")
		}
		if p.err != nil {
			return OpenHours{}, p.err
		}
		h.Rules = append(h.Rules, r)
	}
	if h.Rules == nil {
		return h, fmt.Errorf("column 1: there are no hours")
	}
	return h, nil
}

type hoursParser struct {
	s   string
	at  int
	err error // the first
}

// skip goes over white space.
func (p *hoursParser) skip() int {
	for p.at < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.at]) >= 0 {
		p.at++
	}
	return p.at
}

// take goes over an item and gives its groups; nil when it is not there.
func (p *hoursParser) take(it item) (m []string) {
	s := p.s[p.skip():]
	if s == "" || strings.IndexByte(it.first, s[0]) < 0 {
		return nil
	}
	if it.plain != nil {
		m = it.plain(s)
	}
	if m == nil {
		m = it.form.FindStringSubmatch(s)
	}
	if m != nil {
		p.at += len(m[0])
	}
	return m
}

// fail says what is wrong with the word ahead.
func (p *hoursParser) fail(why string) {
	w := nextWord.FindString(p.s[p.skip():])
	switch {
	case seasons.MatchString(w):
		why = `is a season, which is not understood; say it in a "comment"`
	case w == "":
		p.failAt(p.at, "something is missing at the end: times such as 09:00-17:00, or off")
		return
	}
	p.failAt(p.at, "%q %s", w, why)
}

func (p *hoursParser) failAt(at int, format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("column %d: %s", at+1, fmt.Sprintf(format, args...))
	}
}

func (p *hoursParser) rule() (r Rule) {
	if p.take(wholeItem) != nil {
		r.Days, r.Times = everyDay(), []Times{{To: dayMinutes}}
	} else {
		p.days(&r)
		p.times(&r)
	}
	if m := p.take(noteItem); m != nil {
		r.Comment = CleanLine(m[1])
	}
	if !r.Off && r.Times == nil && r.Comment == "" {
		p.fail("is not understood; a rule is days, then times such as 09:00-17:00 or off")
	}
	return r
}

func everyDay() []Days { return []Days{{From: time.Monday, To: time.Sunday}} }

// days reads a list of days; without any the rule is for every day.
func (p *hoursParser) days(r *Rule) {
	var every [7]bool
	var nth [7][]int
	start := p.skip()
	for m := p.take(dayItem); m != nil; m = p.take(dayItem) {
		from := slices.IndexFunc(dayNames, func(d string) bool { return strings.EqualFold(d, m[1]) })
		to := slices.IndexFunc(dayNames, func(d string) bool { return strings.EqualFold(d, m[2]) })
		switch {
		case from < 0 && m[0] != m[1]:
			p.failAt(p.at-len(m[0]), "%q is not understood; PH stands alone", m[0])
		case from < 0:
			r.Holidays = true
		case m[0][len(m[0])-1] == ']':
			nth[from] = append(nth[from], p.nth(m[3])...)
		default:
			every[from] = true
			for ; to >= 0 && from != to; from = (from + 1) % 7 {
				every[from], every[to] = true, true
			}
		}
		if p.take(itemSep) == nil {
			r.Days = daysOf(every, nth)
			return
		}
	}
	if p.at > start || !timesAhead.MatchString(p.s[p.at:]) {
		p.fail("is not a day; write Mo, Tu, We, Th, Fr, Sa, Su or PH")
	}
	r.Days = everyDay()
}

// nth reads the list in "Sa[1,-1]".
func (p *hoursParser) nth(list string) []int {
	var nth []int
	for w := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(w))
		if err != nil || n == 0 || n < -5 || n > 5 {
			p.failAt(p.at-len(list)-1, "%q is not a week of the month; write [1] to [5], or [-1] for the last", w)
		}
		nth = append(nth, n)
	}
	return nth
}

// daysOf gives days their one normal form.
func daysOf(every [7]bool, nth [7][]int) []Days {
	var list []Days
	for i := 0; i < 7; i++ {
		d := Days{From: time.Weekday((i + 1) % 7)}
		for every[i] && i < 6 && every[i+1] {
			i++
		}
		if d.To = time.Weekday((i + 1) % 7); !every[i] {
			if d.Nth = nth[i]; d.Nth == nil {
				continue
			}
			slices.SortFunc(d.Nth, func(a, b int) int { return cmp.Compare(uint(a), uint(b)) })
			d.Nth = slices.Compact(d.Nth)
		}
		list = append(list, d)
	}
	return list
}

// times reads off, or a list of times of day, or nothing.
func (p *hoursParser) times(r *Rule) {
	p.take(daysEnd)
	if r.Off = p.take(offItem) != nil; r.Off {
		return
	}
	for m := p.take(timeItem); m != nil; m = p.take(timeItem) {
		t, ok := timesOf(m)
		clash := slices.ContainsFunc(r.Times, func(o Times) bool { return t.From < o.To && o.From < t.To })
		switch {
		case !ok:
			p.failAt(p.at-len(m[0]), "%q is no part of a day; write times like 09:00-17:00", m[0])
		case clash:
			p.failAt(p.at-len(m[0]), "%q overlaps with times before it", m[0])
		}
		r.Times = append(r.Times, t)
		if p.take(itemSep) == nil {
			slices.SortFunc(r.Times, func(a, b Times) int { return a.From - b.From })
			return
		}
	}
	if r.Times != nil {
		p.fail("is not understood; write times like 09:00-17:00, or a new rule after ;")
	}
}

// timesOf makes times of the groups of timeItem; they may last until the next
// day, but less than 24 hours, or be the whole day 00:00-24:00.
func timesOf(m []string) (Times, bool) {
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	t := Times{From: n[0]*60 + n[1], To: n[2]*60 + n[3], OpenEnd: m[5] != ""}
	if t.OpenEnd {
		t.To = dayMinutes
	}
	if t.To < t.From || t.To == 0 && t.From > 0 {
		t.To += dayMinutes
	}
	long := t.To - t.From
	return t, t.From < dayMinutes && t.To <= 2*dayMinutes && long > 0 && (long < dayMinutes || t.To == dayMinutes)
}
