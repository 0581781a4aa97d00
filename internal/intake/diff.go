package intake

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"potluck/internal/site"
)

// Op is what became of a piece of text.
type Op string

// What became of it. Skip stands for lines that stayed and are left out.
const (
	Same Op = "same"
	Out  Op = "out"
	In   Op = "in"
	Skip Op = "skip"
)

// Part is a piece of a text that was changed; of Skip only the number of lines is given.
type Part struct {
	Op    Op
	Text  string
	Lines int
}

// Difference is what changed in one field of a page, or in its text (the field "body").
// Where a page cannot be read as fields, it is the whole file and the Field is nil.
type Difference struct {
	Field *site.Field
	Parts []Part
}

// Diff tells what changed between two versions of a page, as a person would say it: field
// by field, and in the text word by word. A nil version is of a page that is not there.
func Diff(c *site.Config, pl site.Place, old, now []byte) []Difference {
	a, broken := site.Parse(c, pl, old)
	b, also := site.Parse(c, pl, now)
	if old == nil {
		a, broken = &site.Page{Place: pl, Kind: b.Kind}, nil
	}
	if now == nil {
		b, also = &site.Page{Place: pl, Kind: a.Kind}, nil
	}
	var found []Difference
	if !faulty(broken) && !faulty(also) && a.Kind == b.Kind {
		for _, f := range PageFields(c, a.Kind) {
			x, y := strings.Join(texts(a.Value(f.Name)), "\n"), strings.Join(texts(b.Value(f.Name)), "\n")
			if f.Name == "body" {
				x, y = a.Body, b.Body
			}
			switch {
			case x == y:
			case f.Type == site.Text:
				found = append(found, Difference{f, diffWords(x, y)})
			case f.Type == site.LongText || f.Type == site.List:
				found = append(found, Difference{f, diffText(x, y)})
			default: // half a date or number says nothing
				found = append(found, Difference{f, replaced(x, y)})
			}
		}
	}
	if found == nil && !bytes.Equal(old, now) {
		found = []Difference{{nil, diffText(string(old), string(now))}}
	}
	return found
}

func faulty(problems []site.Problem) bool {
	return slices.ContainsFunc(problems, func(p site.Problem) bool { return p.Severity == site.Error })
}

// around is how many lines are shown before and after a change.
const around = 2

// diffText compares line by line, and what is left of that word by word.
func diffText(old, now string) []Part {
	a, b := lines(old), lines(now)
	var parts []Part
	x, y := 0, 0
	stay := 0 // lines that are as they were, up to x and y
	for _, m := range append(matches(a, b), [2]int{len(a), len(b)}) {
		if m[0] > x || m[1] > y {
			parts = append(parts, kept(a[x-stay:x], len(parts) > 0, true)...)
			parts = append(parts, diffWords(strings.Join(a[x:m[0]], ""), strings.Join(b[y:m[1]], ""))...)
			stay = 0
		}
		x, y, stay = m[0]+1, m[1]+1, stay+1
	}
	stay--
	return append(parts, kept(a[len(a)-stay:], len(parts) > 0, false)...)
}

// replaced shows one value in the place of another.
func replaced(old, now string) (parts []Part) {
	if old != "" {
		parts = append(parts, Part{Op: Out, Text: old})
	}
	if now != "" {
		parts = append(parts, Part{Op: In, Text: now})
	}
	return parts
}

// kept shows lines that stayed: those next to a change, and for the rest their number.
func kept(lines []string, after, before bool) []Part {
	head, tail := 0, 0
	if after {
		head = min(around, len(lines))
	}
	if before {
		tail = min(around, len(lines)-head)
	}
	var parts []Part
	add := func(op Op, lines []string) {
		if text := strings.Join(lines, ""); text != "" {
			parts = append(parts, Part{op, text, len(lines)})
		}
	}
	add(Same, lines[:head])
	if left := len(lines) - head - tail; left > 0 {
		parts = append(parts, Part{Op: Skip, Lines: left})
	}
	add(Same, lines[len(lines)-tail:])
	return parts
}

// diffWords compares two texts word by word. Texts that have little in common are given one
// after the other: a mixture of both could not be read.
func diffWords(old, now string) []Part {
	a, b := tokens(old), tokens(now)
	pairs := matches(a, b)
	shared := 0
	for _, m := range pairs {
		shared += len(strings.TrimSpace(a[m[0]]))
	}
	if shared*3 < min(len(old), len(now)) {
		pairs = nil
	}
	var parts []Part
	add := func(op Op, text string) {
		if n := len(parts); text != "" && n > 0 && parts[n-1].Op == op {
			parts[n-1].Text += text
		} else if text != "" {
			parts = append(parts, Part{Op: op, Text: text})
		}
	}
	x, y := 0, 0
	for _, m := range append(pairs, [2]int{len(a), len(b)}) {
		add(Out, strings.Join(a[x:m[0]], ""))
		add(In, strings.Join(b[y:m[1]], ""))
		if m[0] < len(a) {
			add(Same, a[m[0]])
		}
		x, y = m[0]+1, m[1]+1
	}
	return parts
}

// tokens cuts a text into words, blanks and single signs; together they are the text.
func tokens(s string) []string {
	var list []string
	start, class := 0, -1
	for i, r := range s {
		c := 2
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			c = 0
		case unicode.IsSpace(r):
			c = 1
		}
		if i > start && (c != class || c == 2) {
			list, start = append(list, s[start:i]), i
		}
		class = c
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

// matches pairs the items that stand in both lists, in order: those at the two ends, then
// those that each list has once, and what lies between these in the same way (patience
// diff). Short lists without such items are compared each with each.
func matches(a, b []string) [][2]int {
	var pairs [][2]int
	match(a, b, 0, 0, &pairs)
	return pairs
}

func match(a, b []string, ia, ib int, pairs *[][2]int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		*pairs = append(*pairs, [2]int{ia, ib})
		a, b, ia, ib = a[1:], b[1:], ia+1, ib+1
	}
	end := 0
	for end < min(len(a), len(b)) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	tailA, tailB := ia+len(a)-end, ib+len(b)-end
	a, b = a[:len(a)-end], b[:len(b)-end]
	x, y := 0, 0
	anchors := unique(a, b)
	if len(anchors) == 0 && len(a)*len(b) <= 1<<16 {
		for _, m := range longest(a, b) {
			*pairs = append(*pairs, [2]int{ia + m[0], ib + m[1]})
		}
	}
	for _, m := range anchors {
		match(a[x:m[0]], b[y:m[1]], ia+x, ib+y, pairs)
		*pairs = append(*pairs, [2]int{ia + m[0], ib + m[1]})
		x, y = m[0]+1, m[1]+1
	}
	if len(anchors) > 0 {
		match(a[x:], b[y:], ia+x, ib+y, pairs)
	}
	for i := range end {
		*pairs = append(*pairs, [2]int{tailA + i, tailB + i})
	}
}

// unique pairs the items that each list has once, as many as keep their order.
func unique(a, b []string) [][2]int {
	at := map[string][3]int{} // times in a, times in b, place in b
	for _, s := range a {
		n := at[s]
		at[s] = [3]int{n[0] + 1, n[1], n[2]}
	}
	for i, s := range b {
		n := at[s]
		at[s] = [3]int{n[0], n[1] + 1, i}
	}
	type link struct{ a, b, before int }
	var links []link
	var ends []int // of rising rows of each length, which link ends lowest
	for i, s := range a {
		n := at[s]
		if n[0] != 1 || n[1] != 1 {
			continue
		}
		k, _ := slices.BinarySearchFunc(ends, n[2], func(l, j int) int { return links[l].b - j })
		before := -1
		if k > 0 {
			before = ends[k-1]
		}
		links = append(links, link{i, n[2], before})
		if k == len(ends) {
			ends = append(ends, len(links)-1)
		} else {
			ends[k] = len(links) - 1
		}
	}
	var pairs [][2]int
	if len(ends) > 0 {
		for l := ends[len(ends)-1]; l >= 0; l = links[l].before {
			pairs = append(pairs, [2]int{links[l].a, links[l].b})
		}
	}
	slices.Reverse(pairs)
	return pairs
}

// longest is the longest common subsequence of two short lists.
func longest(a, b []string) [][2]int {
	n := len(b) + 1
	best := make([]int, (len(a)+1)*n)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i*n+j] = max(best[(i+1)*n+j], best[i*n+j+1])
			if a[i] == b[j] {
				best[i*n+j] = best[(i+1)*n+j+1] + 1
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case best[(i+1)*n+j] >= best[i*n+j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}
