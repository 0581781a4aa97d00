package site

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseHoursNormalForm(t *testing.T) {
	for in, want := range map[string]string{
		"Mo-Fr 09:00-17:00; Sa[1] 10:00-13:00; PH off": "Mo-Fr 09:00-17:00; Sa[1] 10:00-13:00; PH off",
		"24/7":                             "24/7",
		"24/7 \"ring\"; PH closed":         "24/7 \"ring\"; PH off",
		"09:00-17:00":                      "Mo-Su 09:00-17:00",
		"00:00-24:00":                      "24/7",
		"Fr-Mo 22:00-02:00":                "Mo,Fr-Su 22:00-02:00",
		"Sa-Sa 22:00-00:00":                "Sa 22:00-24:00",
		"Su,Mo,We , Tu 8:00-9:30":          "Mo-We,Su 08:00-09:30",
		"Sa[-1,3,1,3] 10:00-12:00":         "Sa[1,3,-1] 10:00-12:00",
		"Sa,Sa[1] 10:00-12:00":             "Sa 10:00-12:00",
		"PH,Su off":                        "Su,PH off",
		"Mo-Su,PH 00:00-24:00":             "Mo-Su,PH 00:00-24:00",
		"mo–fr: 13:00–17:00,09:00-12:00":   "Mo-Fr 09:00-12:00,13:00-17:00",
		"We 17:00+":                        "We 17:00+",
		"We 17:00+ \"  come; early \" ; ;": "We 17:00+ \"come; early\"",
		"Th \"by appointment\"":            "Th \"by appointment\"",
		"\"call first\"":                   "Mo-Su \"call first\"",
		"off":                              "Mo-Su off",
		"Fr 22:00-26:00":                   "Fr 22:00-02:00",
	} {
		h, err := ParseHours(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := h.String(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func TestParseHoursErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                         `column 1: there are no hours`,
		" ; ":                      `column 1: there are no hours`,
		"Mon 09:00-17:00":          `column 1: "Mon" is not a day; write Mo, Tu, We, Th, Fr, Sa, Su or PH`,
		"Mo,Tuesday 09:00-17:00":   `column 4: "Tuesday" is not a day; write Mo, Tu, We, Th, Fr, Sa, Su or PH`,
		"Mo-Fr":                    `column 6: something is missing at the end: times such as 09:00-17:00, or off`,
		"Mo-Fr 9-17":               `column 7: "9" is not understood; a rule is days, then times such as 09:00-17:00 or off`,
		"Mo 09:00-17:00 or later":  `column 16: "or" is not understood here; a new rule begins after ;`,
		"Mo 25:00-26:00":           `column 4: "25:00-26:00" is no part of a day; write times like 09:00-17:00`,
		"Mo 09:00-09:00":           `column 4: "09:00-09:00" is no part of a day; write times like 09:00-17:00`,
		"Mo 09:00-12:00,11:00+":    `column 16: "11:00+" overlaps with times before it`,
		"Mo 09:00-12:00,Tu":        `column 16: "Tu" is not understood; write times like 09:00-17:00, or a new rule after ;`,
		"Sa[0] 09:00-12:00":        `column 4: "0" is not a week of the month; write [1] to [5], or [-1] for the last`,
		"Sa[1] 09:00-12:00; Su[]":  `column 23: "" is not a week of the month; write [1] to [5], or [-1] for the last`,
		"Jan-Mar Mo 09:00-17:00":   `column 1: "Jan" is a season, which is not understood; say it in a "comment"`,
		"Mo 09:00-17:00 \"unended": `column 16: "\"" is not understood here; a new rule begins after ;`,
		"PH[1] off":                `column 1: "PH[1]" is not understood; PH stands alone`,
		"Mo 09:00-17:00; Tu 9.00":  `column 20: "9" is not understood; a rule is days, then times such as 09:00-17:00 or off`,
		"–":                        `column 1: "–" is not a day; write Mo, Tu, We, Th, Fr, Sa, Su or PH`,
	} {
		if _, err := ParseHours(in); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", in, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip(err)
	}
	xmas, _ := ParseDate("2026-12-25")
	for _, c := range []struct {
		hours, at string
		want      bool
	}{
		{"Mo-Fr 09:00-17:00", "2026-11-02 09:00", true}, // a Monday
		{"Mo-Fr 09:00-17:00", "2026-11-02 17:00", false},
		{"Mo-Fr 09:00-17:00", "2026-11-01 12:00", false},
		{"Mo-Fr 09:00-17:00; We off", "2026-11-04 12:00", false},
		{"We off; Mo-Fr 09:00-17:00", "2026-11-04 12:00", true},
		{"Sa 09:00-17:00; Sa[1] 10:00-11:00", "2026-11-07 12:00", false},
		{"Sa 09:00-17:00; Sa[1] 10:00-11:00", "2026-11-14 12:00", true},
		{"Sa[-1] 10:00-11:00", "2026-11-28 10:59", true},
		{"Sa[-1] 10:00-11:00", "2026-11-21 10:59", false},
		{"Sa[5] 10:00-11:00", "2026-10-31 10:00", true},
		{"Fr 22:00-02:00", "2026-11-07 01:59", true},
		{"Fr 22:00-02:00", "2026-11-07 02:00", false},
		{"Fr 22:00-02:00", "2026-11-06 01:00", false},
		{"Fr 22:00-02:00; Sa off", "2026-11-07 01:00", true},
		{"Fr[1] 22:00-02:00", "2026-11-07 01:00", true},
		{"Fr-Mo 08:00-10:00", "2026-11-02 08:00", true},
		{"Fr-Mo 08:00-10:00", "2026-11-03 08:00", false},
		{"We 17:00+", "2026-11-04 23:59", true},
		{"We 17:00+", "2026-11-05 00:00", false},
		{"24/7", "2026-11-01 01:30", true},
		{"24/7; PH off", "2026-12-25 12:00", false},
		{"PH off; Fr 09:00-17:00", "2026-12-25 12:00", true},
		{"Th \"by appointment\"", "2026-11-05 12:00", false},
		{"Su 01:00-04:00", "2026-11-01 01:30", true}, // the night the clock goes back
	} {
		h, err := ParseHours(c.hours)
		if err != nil {
			t.Fatal(c.hours, err)
		}
		at, _ := time.ParseInLocation("2006-01-02 15:04", c.at, ny)
		if got := h.Open(at, xmas); got != c.want {
			t.Errorf("%s at %s: got %v", c.hours, c.at, got)
		}
	}
	var none OpenHours
	if none.Open(time.Now()) {
		t.Error("no hours are open")
	}
}

func FuzzHours(f *testing.F) {
	for _, s := range []string{"Mo-Fr 09:00-17:00; Sa[1,-1] 22:00-02:00 \"x\"; PH off", "24/7", "Fr-Mo,We 9:00+", "Mo,PH closed"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHours(s)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "column ") {
				t.Fatalf("%q: %v has no place", s, err)
			}
			return
		}
		again, err := ParseHours(h.String())
		if err != nil || !reflect.DeepEqual(h, again) {
			t.Fatalf("%q: %q: %v\n%#v\n%#v", s, h.String(), err, h, again)
		}
	})
}

// FuzzPlainHours holds what is read without a regular expression to what the
// expression reads.
func FuzzPlainHours(f *testing.F) {
	for _, s := range []string{"Mo 09:00-17:00", "Mo-Fr 9:00", "Mo-FR x", "Sa[1] 10:00+", "\u017fa 10:00-12:00", "12:00-13:00,14:00-15:00", "08:60-09:00", "cLOSED", "24/7", "PH off", "; ;", "Mo-Mo 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, it := range []item{dayItem, timeItem, offItem, wholeItem, noteItem, daysEnd, itemSep, ruleSep} {
			want := it.form.FindStringSubmatch(s)
			if s == "" || strings.IndexByte(it.first, s[0]) < 0 {
				if want != nil {
					t.Fatalf("%s finds %q, but not by its first byte", it.form, want)
				}
				continue
			}
			if it.plain != nil {
				if got := it.plain(s); got != nil && !slices.Equal(got, want) {
					t.Fatalf("%s in %q: %q, plainly %q", it.form, s, want, got)
				}
			}
		}
	})
}
