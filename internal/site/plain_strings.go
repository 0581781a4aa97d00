package site

import (
	"strings"
	"unicode/utf8"
)

// plainStrings is to ParseStrings what plainHeader is to Parse: it reads comments,
// tables, and lines of key = "words", and leaves anything else to the TOML package,
// also where a name stands for two things. A fuzz test holds the two equal.
func plainStrings(src string) (words map[string]string, ok bool) {
	if !utf8.ValidString(src) {
		return nil, false
	}
	r := plainReader{make(map[string]string, strings.Count(src, "\n")), map[string]tableBy{}, ""}
	for line := range strings.SplitSeq(src, "\n") {
		line = strings.Trim(line, " \t")
		switch {
		case line == "":
		case line[0] == '#':
			ok = !strings.ContainsFunc(line, isControl)
		case line[0] == '[':
			ok = r.table(line)
		default:
			ok = r.line(line)
		}
		if line != "" && !ok {
			return nil, false
		}
	}
	return r.words, true
}

// isControl tells what may not stand in a comment; where a tab does, TOML decides.
func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// plainReader reads one file of strings.
type plainReader struct {
	words  map[string]string  // by their full names
	tables map[string]tableBy // by their full names
	in     string             // the table that a line stands in, with a dot behind; "" at first
}

// tableBy is how a table came to be. TOML lets none be made twice.
type tableBy byte

const (
	byName  tableBy = 1 + iota // [form]
	byBelow                    // [form] where there is [form.send]
	byDots                     // [form] where there is form.send = "Send"
)

// table reads [form.send].
func (r *plainReader) table(line string) bool {
	name, closed := strings.CutSuffix(line[1:], "]")
	if !closed || !r.names("", name, byBelow) {
		return false
	}
	if _, word := r.words[name]; word || r.tables[name] == byName || r.tables[name] == byDots {
		return false
	}
	r.tables[name], r.in = byName, name+"."
	return true
}

// line reads send = "Send". The name may stand in quotes, or have dots.
func (r *plainReader) line(line string) bool {
	var key, value string
	if line[0] == '"' {
		quoted, rest, ok := plainText(line)
		if !ok || quoted == "" || strings.Contains(quoted, ".") {
			return false
		}
		key, value = quoted, pastBlanks(rest)
	} else {
		at := max(strings.IndexByte(line, '='), 0)
		key, value = strings.TrimRight(line[:at], " \t"), line[at:]
		if !r.names(r.in, key, byDots) {
			return false
		}
	}
	value, ok := strings.CutPrefix(value, "=")
	if value = pastBlanks(value); !ok || !strings.HasPrefix(value, `"`) {
		return false
	}
	text, rest, ok := plainText(value)
	name := r.in + key
	if _, word := r.words[name]; !ok || rest != "" || word || r.tables[name] != 0 {
		return false
	}
	r.words[name] = text
	return true
}

// names reads a name with dots that stands in a table, and notes the tables that it makes.
func (r *plainReader) names(in, name string, by tableBy) bool {
	if strings.Count(name, ".") > maxNested {
		return false
	}
	for at := 0; ; at++ {
		part, _, more := strings.Cut(name[at:], ".")
		if at += len(part); !isBareKey(part) || !more {
			return isBareKey(part)
		}
		above := in + name[:at]
		was := r.tables[above]
		if _, word := r.words[above]; word || was != 0 && (was == byDots) != (by == byDots) {
			return false
		}
		if was == 0 {
			r.tables[above] = by
		}
	}
}
