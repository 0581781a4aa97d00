package site

import (
	"fmt"
	"time"
)

// DateForm says how a date was written.
type DateForm uint8

// The three forms of a date: a day, a time on the network's clock, and an
// instant with its offset (kept in UTC).
const (
	DayForm DateForm = iota
	LocalForm
	InstantForm
)

var layouts = [...]string{DayForm: "2006-01-02", LocalForm: "2006-01-02T15:04:05", InstantForm: time.RFC3339}

// Date is a TOML date: a local day, a local date and time, or an instant.
// Time is always in UTC, to the second. The zero Date is "no date".
type Date struct {
	Time time.Time
	Form DateForm
}

// OnDay gives the day of t, as t's own location has it.
func OnDay(t time.Time) Date {
	return Date{Time: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads the TOML forms, and a blank in place of the T, and times without seconds.
func ParseDate(s string) (Date, error) {
	for _, l := range []struct {
		layout string
		form   DateForm
	}{
		{layouts[DayForm], DayForm}, {layouts[LocalForm], LocalForm}, {layouts[InstantForm], InstantForm},
		{"2006-01-02 15:04:05", LocalForm}, {"2006-01-02T15:04", LocalForm}, {"2006-01-02 15:04", LocalForm},
	} {
		if t, err := time.Parse(l.layout, s); err == nil {
			return newDate(t, l.form)
		}
	}
	return Date{}, fmt.Errorf("%q is not a date; write it like 2026-11-23", s)
}

// newDate refuses years outside 1 to 9999, which TOML cannot write.
func newDate(t time.Time, form DateForm) (Date, error) {
	t = t.UTC().Truncate(time.Second)
	if t.Year() < 1 || t.Year() > 9999 || t.IsZero() {
		return Date{}, fmt.Errorf("the year %d cannot be used", t.Year())
	}
	return Date{Time: t, Form: form}, nil
}

// fromTOML turns a time as BurntSushi/toml decodes it into a Date: it marks the
// local forms by the name of the location.
func fromTOML(t time.Time) (Date, error) {
	wall := func() time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	switch t.Location().String() {
	case "date-local":
		return newDate(wall(), DayForm)
	case "datetime-local":
		return newDate(wall(), LocalForm)
	case "time-local":
		return Date{}, fmt.Errorf("a time of day is not a date")
	}
	return newDate(t, InstantForm)
}

// IsZero tells that there is no date.
func (d Date) IsZero() bool { return d.Time.IsZero() }

// String writes the date as TOML has it.
func (d Date) String() string { return d.Time.Format(layouts[d.Form]) }

// Start gives the instant the date begins in loc.
func (d Date) Start(loc *time.Location) time.Time {
	if d.Form == InstantForm {
		return d.Time
	}
	t := d.Time
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc)
}

// End gives the instant the date is over in loc: a day ends with the day.
func (d Date) End(loc *time.Location) time.Time {
	if d.Form == DayForm {
		t := d.Time
		return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, loc)
	}
	return d.Start(loc)
}

// AddDays gives the date n days later.
func (d Date) AddDays(n int) Date { return Date{Time: d.Time.AddDate(0, 0, n), Form: d.Form} }
