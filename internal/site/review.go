package site

import (
	"strconv"
	"strings"
)

// AssuredDays is how long a listing counts as true after a person checked it.
const AssuredDays = 180

// ReviewDue gives the day by which a person should look at the page again: for
// documents reviewed plus review_every, for directory entries assured_date plus
// 180 days. The zero Date: never, as for pages that name no such date.
func (h *Header) ReviewDue() Date {
	if d := h.Day("assured_date"); !d.IsZero() && h.Kind == "resource" {
		return d.AddDays(AssuredDays)
	}
	d := h.Day("reviewed")
	n, unit, ok := parseInterval(h.Str("review_every"))
	if d.IsZero() || !ok {
		return Date{}
	}
	switch unit {
	case "day":
		return d.AddDays(n)
	case "week":
		return d.AddDays(7 * n)
	case "month":
		return Date{Time: d.Time.AddDate(0, n, 0), Form: d.Form}
	}
	return Date{Time: d.Time.AddDate(n, 0, 0), Form: d.Form}
}

// parseInterval reads "3 months", "1 year", "6 weeks".
func parseInterval(s string) (n int, unit string, ok bool) {
	number, word, found := strings.Cut(strings.TrimSpace(s), " ")
	n, err := strconv.Atoi(number)
	unit = strings.TrimSuffix(strings.TrimSpace(word), "s")
	switch unit {
	case "day", "week", "month", "year":
		return n, unit, found && err == nil && n > 0 && n < 1000
	}
	return 0, "", false
}
