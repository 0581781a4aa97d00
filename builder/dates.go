package builder

import (
	"strconv"
	"time"

	"potluck/internal/site"
)

// months are the names of the months, for languages that write a day as
// wordOrder says. Others get 2026-11-23, which is read everywhere.
var months = map[string][12]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"es": {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	"ar": {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
}

// wall gives the date as the clocks of the network show it.
func wall(d site.Date, loc *time.Location) time.Time {
	if d.Form == site.InstantForm {
		return d.Time.In(loc)
	}
	return d.Time
}

// day writes a date in words.
func day(lang string, d site.Date, loc *time.Location) string {
	if d.IsZero() {
		return ""
	}
	t := wall(d, loc)
	names, ok := months[lang]
	if !ok {
		return t.Format("2006-01-02")
	}
	month, n, year := names[t.Month()-1], strconv.Itoa(t.Day()), strconv.Itoa(t.Year())
	switch lang {
	case "en":
		return month + " " + n + ", " + year
	case "es":
		return n + " de " + month + " de " + year
	}
	return n + " " + month + " " + year
}

// daytime writes a date in words, with the time where it has one.
func daytime(lang string, d site.Date, loc *time.Location) string {
	s := day(lang, d, loc)
	if d.IsZero() || d.Form == site.DayForm {
		return s
	}
	t := wall(d, loc)
	switch lang {
	case "en":
		return s + ", " + t.Format("3:04 pm")
	case "ar":
		return s + "، " + t.Format("15:04")
	}
	return s + ", " + t.Format("15:04")
}

// iso writes a date as HTML's time element wants it.
func iso(d site.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// stamp writes a date as RFC 3339, for feeds.
func stamp(d site.Date, loc *time.Location) string { return d.Start(loc).Format(time.RFC3339) }
