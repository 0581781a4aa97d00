package site

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// String writes the hours in their normal form, which ParseHours reads back the same.
func (h OpenHours) String() string { return joined(h.Rules, "; ") }

func joined[T fmt.Stringer](list []T, sep string) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = v.String()
	}
	return strings.Join(parts, sep)
}

// String writes the rule as it stands between semicolons.
func (r Rule) String() string {
	days, times := joined(r.Days, ","), joined(r.Times, ",")
	switch {
	case r.Holidays && days == "":
		days = "PH"
	case r.Holidays:
		days += ",PH"
	case days == "Mo-Su" && times == "00:00-24:00":
		days, times = "24/7", ""
	}
	if r.Off {
		times = "off"
	}
	if r.Comment != "" {
		times += ` "` + r.Comment + `"`
	}
	return strings.TrimSpace(days + " " + strings.TrimSpace(times))
}

// String writes "Mo", "Mo-Fr" or "Sa[1,3]".
func (d Days) String() string {
	s := dayNames[(d.From+6)%7]
	if d.To != d.From {
		return s + "-" + dayNames[(d.To+6)%7]
	}
	if d.Nth == nil {
		return s
	}
	return s + strings.ReplaceAll(fmt.Sprint(d.Nth), " ", ",")
}

// String writes "09:00-17:00" or "17:00+".
func (t Times) String() string {
	from := fmt.Sprintf("%02d:%02d", t.From/60, t.From%60)
	if t.OpenEnd {
		return from + "+"
	}
	to := t.To
	if to > dayMinutes {
		to -= dayMinutes
	}
	return fmt.Sprintf("%s-%02d:%02d", from, to/60, to%60)
}

// Open tells whether it is open at t, by the clock of t's own location. An open
// end counts until midnight. Rules for public holidays apply on the days given.
func (h OpenHours) Open(t time.Time, holidays ...Date) bool {
	now, today := t.Hour()*60+t.Minute(), OnDay(t)
	return h.openAt(today, now, holidays) || h.openAt(today.AddDays(-1), now+dayMinutes, holidays)
}

// openAt tells whether the rule that counts on a day is open so many minutes after its midnight.
func (h OpenHours) openAt(day Date, minute int, holidays []Date) bool {
	for _, r := range slices.Backward(h.Rules) {
		if r.Holidays && slices.Contains(holidays, day) || slices.ContainsFunc(r.Days, func(d Days) bool { return d.on(day.Time) }) {
			return slices.ContainsFunc(r.Times, func(t Times) bool { return t.From <= minute && minute < t.To })
		}
	}
	return false
}

// on tells whether t is one of the days.
func (d Days) on(t time.Time) bool {
	if (t.Weekday()-d.From+7)%7 > (d.To-d.From+7)%7 {
		return false
	}
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return d.Nth == nil || slices.Contains(d.Nth, (t.Day()+6)/7) || slices.Contains(d.Nth, -((last-t.Day())/7+1))
}
