// Package exchange brings other people's formats in: a table (CSV), and a folder
// of Markdown files with YAML front matter, as Jekyll has them.
//
// Both are read as records of named cells, go through one mapping, and come out
// as pages that [site.Format] has written and read back. Nothing is written to
// disk here: a dry run is a [Report] that the caller does not act on.
//
//   - Columns are found by their names ("name", "website", "zip", and those of
//     HSDS); [Mapping] says otherwise: "address" is "{street}, {town}".
//   - A record that cannot be a page is refused with its reason; pages and
//     refusals add up to the records. A value that cannot be a field is left out
//     with its reason, and a column that nothing read is named.
//   - Hours become the field only when each word of them is understood. Otherwise
//     they stand in the text as they were, under "Hours". So do categories that
//     the network does not have. Words beside a phone number are left out: they
//     may be somebody's name.
//   - A file is named after the title (or after the old file); those that would be
//     the same get the town too, then a number. The same input gives the same
//     names, so importing again updates the same files. A file that is there and
//     has another source is never taken: the page gets a number instead.
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

// Mapping says how records become pages. The zero value makes resources, and
// finds fields by the names of the columns.
type Mapping struct {
	Kind   string            // "resource" when empty
	Folder string            // the kind's own when empty
	Fields map[string]string // field: a column, or a text with {column} in it, or "" for none
	Source string            // the source of records that name none
	Have   fs.FS             // content/ as it is; may be nil
}

// Report is what an import would do, and what it would not.
type Report struct {
	Records int
	Pages   []Item         // in the order of the records
	Refused []Note         // records that are no page
	Left    []Note         // values that are not in the field they were for
	Unused  map[string]int // columns that nothing read: how many records say something there
	Made    map[string]int // categories, areas and languages that are new: how often
}

// Item is a page and the bytes of its file.
type Item struct {
	Where string
	Page  *site.Page
	Bytes []byte
}

// Note is about a record, or about one field of it.
type Note struct {
	Where  string // "row 12", or a file
	Field  string // "" when it is about the record
	Value  string // of the field, or the record's title
	Reason string
}

// String gives the report as text: counts, each record refused, and values left
// out by reason with the first three of each.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records: %d imported, %d refused\n", r.Records, len(r.Pages), len(r.Refused))
	for _, n := range r.Refused {
		fmt.Fprintf(&b, "  %s %.60q: %s\n", n.Where, n.Value, n.Reason)
	}
	count, first := map[string]int{}, map[string]string{}
	for _, n := range r.Left {
		g := n.Field + " " + n.Reason
		if count[g]++; count[g] <= 3 {
			first[g] += fmt.Sprintf("      %s %.60q\n", n.Where, n.Value)
		}
	}
	section(&b, "values that are not in their field", count, first)
	section(&b, "columns that nothing read", r.Unused, nil)
	section(&b, "new to the network", r.Made, nil)
	return b.String()
}

// section writes counts, the largest first, and the examples of each.
func section(b *strings.Builder, title string, count map[string]int, examples map[string]string) {
	keys := slices.SortedFunc(maps.Keys(count), func(x, y string) int { return cmp.Or(count[y]-count[x], cmp.Compare(x, y)) })
	if len(keys) > 0 {
		fmt.Fprintf(b, "%s:\n", title)
	}
	for _, k := range keys {
		fmt.Fprintf(b, "  %d × %s\n%s", count[k], site.CleanLine(k), examples[k])
	}
}
