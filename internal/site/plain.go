package site

import (
	"strconv"
	"strings"
	"time"
)

// plainHeader decodes the front matter that people write: lines of key = value
// with plain texts, numbers, dates, true, false and lists of texts on one line.
// ok is false for anything else, whether TOML allows it or not; the TOML package
// then decides. What it decodes, it decodes as decodeTOML does: a fuzz test holds
// the two equal. It is here because the TOML package takes ten times as long, and
// that would be the largest part of reading a page.
func plainHeader(head string) (entries []entry, ok bool) {
	entries = make([]entry, 0, strings.Count(head, "\n"))
	for head != "" {
		var line string
		line, head, _ = strings.Cut(head, "\n")
		line = strings.Trim(line, " \t")
		if line == "" {
			continue
		}
		key, rest, found := strings.Cut(line, "=")
		key = strings.TrimRight(key, " \t")
		if !found || !isBareKey(key) {
			return nil, false
		}
		v, ok := plainValue(pastBlanks(rest))
		if !ok || hasKey(entries, key) {
			return nil, false
		}
		entries = append(entries, entry{key, v})
	}
	return entries, true
}

func hasKey(entries []entry, key string) bool {
	for i := range entries {
		if entries[i].key == key {
			return true
		}
	}
	return false
}

func isBareKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func plainValue(s string) (any, bool) {
	if s == "" {
		return nil, false
	}
	switch s[0] {
	case '"':
		text, rest, ok := plainText(s)
		return text, ok && rest == ""
	case '[':
		return plainList(s[1:])
	case 't':
		return true, s == "true"
	case 'f':
		return false, s == "false"
	}
	if len(s) >= 10 && s[4] == '-' {
		return plainDate(s)
	}
	return plainNumber(s)
}

func pastBlanks(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}

// plainText reads a text in double quotes without an escape.
func plainText(s string) (text, rest string, ok bool) {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:], !strings.HasPrefix(s, `"""`)
		case c == '\\' || c < ' ' || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

// plainList reads texts up to the bracket that ends the line.
func plainList(s string) (any, bool) {
	list := make([]any, 0, strings.Count(s, ",")+1)
	for {
		s = pastBlanks(s)
		if s == "]" {
			return list, true
		}
		if s == "" || s[0] != '"' {
			return nil, false
		}
		text, rest, ok := plainText(s)
		if !ok {
			return nil, false
		}
		list = append(list, text)
		s = pastBlanks(rest)
		if next, ok := strings.CutPrefix(s, ","); ok {
			s = next
		} else if s != "]" {
			return nil, false
		}
	}
}

// The locations by which the TOML package marks local dates.
var (
	dayZone   = time.FixedZone("date-local", 0)
	localZone = time.FixedZone("datetime-local", 0)
)

func plainDate(s string) (any, bool) {
	for _, form := range []struct {
		layout string
		zone   *time.Location
	}{{time.DateOnly, dayZone}, {"2006-01-02T15:04:05", localZone}, {"2006-01-02T15:04:05Z", time.UTC}} {
		if len(s) == len(form.layout) {
			t, err := time.ParseInLocation(form.layout, s, form.zone)
			return t, err == nil
		}
	}
	return nil, false
}

// plainNumber reads decimal digits with at most one sign and one point.
func plainNumber(s string) (any, bool) {
	digits := strings.TrimPrefix(s, "-")
	whole, part, point := strings.Cut(digits, ".")
	if !isDigits(whole) || len(whole) > 15 || len(whole) > 1 && whole[0] == '0' || point && (!isDigits(part) || len(part) > 15) {
		return nil, false
	}
	if !point {
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
