package builder

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"potluck/internal/site"
)

// A calendar file is iCalendar (RFC 5545). Days are VALUE=DATE, with an end that
// is the day after the last; times are in UTC, which needs no VTIMEZONE and, since
// no event here repeats, says the same. A UID is made of the page's address
// without its language, so an event that is changed or translated stays one event.

// calendar is all that one calendar file is made of.
type calendar struct {
	name   string
	events []calendarEvent
	loc    *time.Location
}

type calendarEvent struct {
	*site.Header
	uid  string
	url  string
	tags []string
}

// calendars plans a file for each list that has events, and one for each event.
func (l *linker) calendars() {
	if !l.cfg.Outputs.Calendar {
		return
	}
	var nodes []*node
	for n := range l.ix.all() {
		if !n.virtual && (n.list || slices.ContainsFunc(n.docs, isEvent)) {
			nodes = append(nodes, n)
		}
	}
	slices.SortFunc(nodes, byDir)
	for _, n := range nodes {
		for _, li := range l.ix.langs {
			switch {
			case n.href[li] == "" || n.dir == ".":
			case n.list:
				l.calendar(n, li, "calendar.ics", n.items[li])
			case isEvent(n.docs[li]):
				l.endsLate(n, li)
				l.calendar(n, li, "event.ics", []*item{{card: l.card(li, n), at: n.spot}})
			}
		}
	}
}

func isEvent(d *Doc) bool { return d != nil && d.Header.Kind == "event" }

func (l *linker) calendar(n *node, li int, name string, items []*item) {
	c := calendar{name: l.title(n, li), loc: l.cfg.Location}
	for _, it := range items {
		if it.card.Kind != "event" || it.card.Day("start").IsZero() {
			continue
		}
		e := calendarEvent{Header: it.card.Header, uid: l.uid(it.at), url: l.absolute(it.card.Href)}
		for _, v := range it.card.Categories {
			e.tags = append(e.tags, label(l.cfg, "category", v, l.cfg.Languages[li]))
		}
		c.events = append(c.events, e)
	}
	if len(c.events) == 0 {
		return
	}
	_, out := l.cfg.Address(l.cfg.Languages[li], n.dir)
	file := path.Join(path.Dir(out), name)
	if n.calendar == nil {
		n.calendar = make([]string, len(n.href))
	}
	n.calendar[li] = l.fileHref(file)
	l.plan(file, c)
}

func (l *linker) uid(a *spot) string {
	host := "localhost"
	if u, err := url.Parse(l.cfg.BaseURL); err == nil {
		host = u.Hostname()
	}
	return (&url.URL{Path: a.dir}).EscapedPath() + "@" + host
}

// endsLate names an event that ends before it begins.
func (l *linker) endsLate(n *node, li int) {
	h := n.docs[li].Header
	start, end := h.Day("start"), h.Day("end")
	if !end.IsZero() && end.End(l.cfg.Location).Before(start.Start(l.cfg.Location)) {
		l.ix.placed = append(l.ix.placed, placed{n.at[li], "end", site.Problem{Path: "content/" + h.Path, Text: "the event ends before it begins", Hint: "look at start and end; calendars get no end until then"}})
	}
}

func (c calendar) bytes() []byte {
	var f folder5545
	f.line("BEGIN", "VCALENDAR")
	f.line("VERSION", "2.0")
	f.line("PRODID", "-//potluck//events//EN")
	f.line("CALSCALE", "GREGORIAN")
	f.line("METHOD", "PUBLISH")
	f.text("X-WR-CALNAME", c.name)
	for i := range c.events {
		c.event(&f, &c.events[i])
	}
	f.line("END", "VCALENDAR")
	return []byte(f.b.String())
}

func (c calendar) event(f *folder5545, e *calendarEvent) {
	start, end := e.Day("start"), e.Day("end")
	stamped := e.Updated
	if stamped.IsZero() {
		stamped = e.Date
	}
	if stamped.IsZero() {
		stamped = start
	}
	f.line("BEGIN", "VEVENT")
	f.line("UID", e.uid)
	f.line("DTSTAMP", utc(stamped.Start(c.loc)))
	f.line(moment("DTSTART", start, start.Form == site.DayForm, c.loc))
	if !end.IsZero() && !end.End(c.loc).Before(start.Start(c.loc)) {
		f.line(moment("DTEND", lastDay(end, start.Form, c.loc), start.Form == site.DayForm, c.loc))
	}
	f.text("SUMMARY", e.Title)
	f.text("DESCRIPTION", e.Summary)
	f.text("LOCATION", e.Str("place"))
	f.line("URL", e.url)
	if len(e.tags) > 0 {
		f.line("CATEGORIES", list5545(e.tags))
	}
	f.line("END", "VEVENT")
}

// lastDay makes an end fit a start, since both must be days or both times: of
// days the next is the end, and a day after a time ends at its midnight.
func lastDay(end site.Date, form site.DateForm, loc *time.Location) site.Date {
	switch {
	case form == site.DayForm:
		return site.OnDay(wall(end, loc)).AddDays(1)
	case end.Form == site.DayForm:
		return site.Date{Time: end.End(loc).UTC(), Form: site.InstantForm}
	}
	return end
}

func moment(name string, d site.Date, day bool, loc *time.Location) (string, string) {
	if day {
		return name + ";VALUE=DATE", d.Time.Format("20060102")
	}
	return name, utc(d.Start(loc))
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// folder5545 writes content lines: CRLF at the end, and no line of more than 75
// bytes (RFC 5545, section 3.1), with no character cut in two.
type folder5545 struct{ b strings.Builder }

func (f *folder5545) line(name, value string) {
	s, room := name+":"+value, 75
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		f.b.WriteString(s[:cut] + "\r\n ")
		s, room = s[cut:], 74
	}
	f.b.WriteString(s + "\r\n")
}

// text writes a value of type TEXT, unless it is empty.
func (f *folder5545) text(name, value string) {
	if value != "" {
		f.line(name, escape5545.Replace(value))
	}
}

var escape5545 = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

func list5545(values []string) string {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = escape5545.Replace(v)
	}
	return strings.Join(escaped, ",")
}
