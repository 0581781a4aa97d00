// Package exchange brings other people's formats in: a table (CSV), and a folder
// of Markdown files with YAML front matter, as Jekyll has them.
//
// Both are read as records of named cells, go through one mapping, and come out
// as pages that [site.Format] has written and read back. Nothing is written to
// disk here: a dry run is a [Report] that the caller does not act on.
//
// Rules:
//
//   - Columns are found by name ("name", "website", "phone", "zip" and so on, and
//     the names of HSDS); [Mapping] says otherwise: "address={street}, {city}".
//   - A record that cannot be a page is refused with its reason. A value that
//     cannot be a field is left out with its reason. Pages and refusals add up to
//     the number of records.
//   - Hours become the field only when each word of them is understood. Otherwise
//     they stand in the text, as they were, under "Hours". Categories that the
//     network does not have stand in the text too.
//   - Words beside a phone number are left out: they may be somebody's name.
//   - A page's file is named after its title; two of the same title get the town
//     too, then a number. The same input gives the same names, so importing again
//     updates the same files. A file that is there already and has another
//     `source` is never taken: the page gets a number instead.
package exchange

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"potluck/internal/site"
)

// Mapping says how records become pages. The zero value means resources, found
// by the names of the columns.
type Mapping struct {
	Kind   string            // "resource" when empty
	Folder string            // the kind's own when empty
	Fields map[string]string // field: the column it is in, or a text with {column} in it; "" for none
	Source string            // the source of records that name none
	Have   fs.FS             // content/ as it is; may be nil
}

// Report is what an import would do, and what it would not.
type Report struct {
	Records int
	Pages   []Item         // in the order of the records
	Refused []Note         // records that are no page
	Left    []Note         // values that are not in the field they were for
	Unused  map[string]int // columns that nothing read, and in how many records they say something
	Made    map[string]int // categories, areas and languages that are new to the network, and how often
}

// Item is a page and its file's bytes.
type Item struct {
	Where string
	Page  *site.Page
	Bytes []byte
}

// Note is about a record, or about one value of it.
type Note struct {
	Where  string // "row 12", or a file
	Field  string // of a value
	Value  string // of a value; else the record's title, if it has one
	Reason string
}

// shown is how many notes of one sort a report prints.
const shown = 3

// String gives the report as text: counts, then each record refused, then values
// left out by reason with the first few of each.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records: %d imported, %d refused\n", r.Records, len(r.Pages), len(r.Refused))
	for _, n := range r.Refused {
		fmt.Fprintf(&b, "  %s%s: %s\n", n.Where, quoted(n.Value), n.Reason)
	}
	groups := map[string][]Note{}
	for _, n := range r.Left {
		groups[n.Field+" "+n.Reason] = append(groups[n.Field+" "+n.Reason], n)
	}
	if len(groups) > 0 {
		b.WriteString("values that are not in their field:\n")
	}
	for _, g := range byCount(groups, func(l []Note) int { return len(l) }) {
		fmt.Fprintf(&b, "  %d × %s\n", len(groups[g]), g)
		for _, n := range groups[g][:min(shown, len(groups[g]))] {
			fmt.Fprintf(&b, "      %s%s\n", n.Where, quoted(n.Value))
		}
	}
	counts(&b, "columns that nothing read:", r.Unused)
	counts(&b, "new to the network:", r.Made)
	return b.String()
}

func counts(b *strings.Builder, title string, m map[string]int) {
	if len(m) > 0 {
		b.WriteString(title + "\n")
	}
	for _, k := range byCount(m, func(n int) int { return n }) {
		fmt.Fprintf(b, "  %d × %q\n", m[k], k)
	}
}

// byCount gives the keys of m, those with most first.
func byCount[V any](m map[string]V, count func(V) int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(count(m[b])-count(m[a]), cmp.Compare(a, b))
	})
}

// quoted gives a short piece of a value that is safe to print.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return fmt.Sprintf(" %q", s)
}
