package intake

import (
	"reflect"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Merge puts two changes of one page together. What only one of them changed is taken from
// there; of a list, what either added or took out. twice names the fields that both changed
// in another way: there mine stands, and in the text (the field "body") theirs stands before
// mine, for a person to look at. Nothing of mine is left out.
func Merge(c *site.Config, pl site.Place, base, mine, theirs []byte) (merged []byte, twice []*site.Field) {
	pages := make([]*site.Page, 3)
	for i, data := range [][]byte{base, mine, theirs} {
		var problems []site.Problem
		if pages[i], problems = site.Parse(c, pl, data); data != nil && faulty(problems) || data == nil && i > 0 {
			return mergeFiles(base, mine, theirs)
		}
		if data == nil {
			pages[i] = &site.Page{Place: pl, Kind: pages[i].Kind}
		}
	}
	b, m, t := pages[0], pages[1], pages[2]
	if m.Kind != t.Kind {
		return mergeFiles(base, mine, theirs)
	}
	values := map[string]any{}
	for _, f := range PageFields(c, t.Kind) {
		was, wanted, is := b.Value(f.Name), m.Value(f.Name), t.Value(f.Name)
		switch {
		case f.Name == "body" || reflect.DeepEqual(was, wanted) || reflect.DeepEqual(wanted, is):
		case reflect.DeepEqual(was, is):
			values[f.Name] = wanted
		case f.Type == site.List || f.Type == site.Choices || f.Type == site.Phones:
			values[f.Name] = mergeLists(texts(was), texts(wanted), texts(is))
		default:
			values[f.Name], twice = wanted, append(twice, f)
		}
	}
	body, clash := mergeText(b.Body, m.Body, t.Body)
	if clash {
		twice = append(twice, bodyField)
	}
	merged, err := site.Revise(theirs, values, &body)
	if err != nil {
		return mergeFiles(base, mine, theirs)
	}
	return merged, twice
}

// mergeFiles puts files together that cannot be read as pages.
func mergeFiles(base, mine, theirs []byte) ([]byte, []*site.Field) {
	text, clash := mergeText(string(base), string(mine), string(theirs))
	if clash {
		return []byte(text), []*site.Field{bodyField}
	}
	return []byte(text), nil
}

// mergeLists takes over what was added and taken out.
func mergeLists(was, mine, theirs []string) []string {
	list := slices.DeleteFunc(slices.Clone(theirs), func(s string) bool { return slices.Contains(was, s) && !slices.Contains(mine, s) })
	for _, s := range mine {
		if !slices.Contains(was, s) && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// mergeText merges line by line. clash tells that a place was changed by both: their lines
// stand there, and mine after them.
func mergeText(base, mine, theirs string) (merged string, clash bool) {
	o, m, t := lines(base), lines(mine), lines(theirs)
	inMine, inTheirs := map[int]int{}, map[int]int{}
	for _, p := range matches(o, m) {
		inMine[p[0]] = p[1]
	}
	for _, p := range matches(o, t) {
		inTheirs[p[0]] = p[1]
	}
	inMine[len(o)], inTheirs[len(o)] = len(m), len(t)
	var out []string
	i, x, y := 0, 0, 0
	for at := 0; at <= len(o); at++ {
		nx, ok := inMine[at]
		ny, also := inTheirs[at]
		if !ok || !also {
			continue
		}
		was, a, b := o[i:at], m[x:nx], t[y:ny]
		switch {
		case slices.Equal(was, a) || slices.Equal(a, b):
			out = append(out, b...)
		case slices.Equal(was, b):
			out = append(out, a...)
		default:
			clash = true
			out = append(append(out, b...), a...)
		}
		if at < len(o) {
			out = append(out, o[at])
		}
		i, x, y = at+1, nx+1, ny+1
	}
	return strings.Join(out, ""), clash
}

// lines cuts a text after each line, and ends the last one.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.SplitAfter(strings.TrimSuffix(s, "\n")+"\n", "\n")[:strings.Count(strings.TrimSuffix(s, "\n"), "\n")+1]
}
