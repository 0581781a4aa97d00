package site

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

var emailForm = regexp.MustCompile(`^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+\.[^\s@<>"(),:;]+$`)

// termForm has the letters of all scripts, and is made when a term is first in need of them.
var termForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*(/[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*)*$`)
})

func isTerm(s string) bool { return len(s) <= 100 && (isPlainTerm(s) || termForm().MatchString(s)) }

// isPlainTerm tells without the expression that small letters and single hyphens
// and slashes between them are a term.
func isPlainTerm(s string) bool {
	between := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			between = false
		case (c == '-' || c == '/') && !between:
			between = true
		default:
			return false
		}
	}
	return !between
}

// coerce turns a value of TOML, or the text of a form or a table, into the Go
// type of f. Nothing, such as an empty text, is nil without an error.
func coerce(f *Field, v any) (any, error) {
	switch f.Type {
	case Choices, List, Phones:
		return coerceList(f, v)
	case Day:
		return coerceDate(v)
	case Number:
		return coerceNumber(f, v)
	case YesNo:
		return coerceBool(v)
	}
	s, err := coerceText(f, v)
	if err != nil || s == "" {
		return nil, err
	}
	return s, checkText(f, s)
}

// Coerce is coerce for texts: what a form or a table cell says, checked.
func (f *Field) Coerce(values ...string) (any, error) {
	if f.Type == Choices || f.Type == List || f.Type == Phones {
		list := make([]any, len(values))
		for i, s := range values {
			list[i] = s
		}
		return coerce(f, list)
	}
	if len(values) == 0 || strings.TrimSpace(values[0]) == "" {
		return nil, nil
	}
	return coerce(f, values[0])
}

func coerceText(f *Field, v any) (string, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case int64:
		s = strconv.FormatInt(v, 10)
	case float64:
		s = strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return "", fmt.Errorf("should be text")
	}
	if f.Type == LongText {
		return CleanLong(s), nil
	}
	return CleanLine(s), nil
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// checkText holds a text to the form of its type.
func checkText(f *Field, s string) error {
	switch f.Type {
	case Choice:
		if !slices.Contains(f.Options, s) {
			return fmt.Errorf("cannot be %q", s)
		}
	case Email:
		if !emailForm.MatchString(s) {
			return fmt.Errorf("is not an e-mail address: %q", s)
		}
	case Phone:
		if countDigits(s) < 3 {
			return fmt.Errorf("is not a phone number: %q", s)
		}
	case URL:
		if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("is not a web address: %q", s)
		}
	}
	return nil
}

func coerceList(f *Field, v any) (any, error) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	one := Field{Type: Text, Options: f.Options}
	switch f.Type {
	case Choices:
		if f.Options != nil {
			one.Type = Choice
		}
	case Phones:
		one.Type = Phone
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, err := coerceText(&one, item)
		if err != nil {
			return nil, fmt.Errorf("should be a list of texts")
		}
		if s == "" {
			continue
		}
		if err := checkText(&one, s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}

func coerceDate(v any) (any, error) {
	if t, ok := v.(time.Time); ok {
		d, err := fromTOML(t)
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("should be a date")
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	d, err := ParseDate(strings.TrimSpace(s))
	if err != nil {
		return nil, err
	}
	return d, nil
}

func coerceNumber(f *Field, v any) (any, error) {
	var n float64
	switch v := v.(type) {
	case int64:
		n = float64(v)
	case float64:
		n = v
	case string:
		var err error
		if n, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
			return nil, fmt.Errorf("should be a number")
		}
	default:
		return nil, fmt.Errorf("should be a number")
	}
	if math.IsNaN(n) || math.Abs(n) > 1e15 {
		return nil, fmt.Errorf("should be a number below 10^15")
	}
	if f.Max != 0 && (n < f.Min || n > f.Max || n != math.Trunc(n)) {
		return nil, fmt.Errorf("should be a whole number from %v to %v", f.Min, f.Max)
	}
	return n + 0, nil // -0 is 0
}

func coerceBool(v any) (any, error) {
	switch v {
	case true, "true", "yes", "on":
		return true, nil
	case false, "false", "no":
		return false, nil
	}
	return nil, fmt.Errorf("should be true or false")
}

// CleanLine makes s one line of text: white space folded, control characters and
// characters that turn the reading direction of what follows removed.
func CleanLine(s string) string {
	if isCleanLine(s) {
		return s
	}
	return strings.Join(strings.Fields(CleanLong(s)), " ")
}

// isCleanLine tells that nothing is to be done: there are plain characters, and
// single blanks between them.
func isCleanLine(s string) bool {
	blank := true
	for i := range len(s) {
		if c := s[i]; c == ' ' && blank || c < ' ' || c > '~' {
			return false
		}
		blank = s[i] == ' '
	}
	return s == "" || !blank
}

// Misleads tells that a character has no place in a text: one that controls, overrides the direction,
// or marks the order of bytes. Ends of lines and tabs are none.
func Misleads(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// CleanLong removes from a text of many lines what no page needs and what can
// mislead: control characters, direction overrides, bytes that are not UTF-8,
// and blanks at the ends. Line ends become LF.
func CleanLong(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case Misleads(r):
			return -1
		}
		return r
	}, s)
	// A copy, so that a short text does not keep the whole file it stood in.
	return strings.Clone(strings.TrimSpace(s))
}
