package site

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a Problem keeps a page from being right (Error) or only
// wants a person's eye (Warning).
type Severity uint8

// The severities of a Problem.
const (
	Error Severity = iota
	Warning
)

// Problem is something wrong with a file, with its place and a way out.
// Line and Col count from 1; 0 means the whole file.
type Problem struct {
	Path     string
	Line     int
	Col      int
	Severity Severity
	Text     string
	Hint     string
}

// String gives "path:line:col: text".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(printable(p.Path))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Col > 0 {
			fmt.Fprintf(&b, ":%d", p.Col)
		}
	}
	b.WriteString(": ")
	b.WriteString(p.Text)
	return b.String()
}

// SortProblems orders problems by place, so that the same input prints the same list.
func SortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Text, b.Text))
	})
}

// printable keeps a hostile file name from writing on the terminal: control and
// format characters become escapes.
func printable(s string) string {
	q := fmt.Sprintf("%+q", s)
	if q == `"`+s+`"` {
		return s
	}
	return strings.Trim(fmt.Sprintf("%q", s), `"`)
}

// Nearest gives the word of words that s most likely meant, or "" when none is close.
func Nearest(s string, words []string) string {
	best, at := 3, ""
	if len(s) < 5 {
		best = 2
	}
	for _, w := range words {
		if d := distance(strings.ToLower(s), w); d < best || d == best && at == "" && d < len(s) {
			best, at = d, w
		}
	}
	return at
}

// distance is the optimal string alignment distance of two short words.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
