package builder

import (
	"slices"

	"potluck/internal/site"
)

// The living page of the theme, where drafts are shown: every component once, by the
// partials that pages use, with entries of this network. Whoever changes the style
// sees there what she did.

// sampleField is an input as the form handler gives it to the partial "field".
type sampleField struct {
	*site.Field
	ID, Value string
	Values    []string
	Options   []sampleOption
	Error     string
}

type sampleOption struct {
	Value, Label string
	Depth        int
	Selected     bool
}

// sampleKinds have a card on the page.
var sampleKinds = []string{"request", "offer", "resource", "event", "procedure", "news"}

// samples fills the page.
func (l *linker) samples(v *View, li int) {
	v.NoIndex = true
	for _, kind := range sampleKinds {
		items := l.ix.nodeAt(".").items[li]
		if i := slices.IndexFunc(items, func(it *item) bool { return it.card.Kind == kind }); i >= 0 {
			v.Entries = append(v.Entries, items[i].card)
		}
	}
	if n := l.ix.nodeAt("resources"); n != nil && n.list {
		v.Groups = l.facets(n, li, n.items[li])
	}
	v.Pager = Pager{Number: 2, Total: 3, Newer: "#main", Older: "#main"}
	v.Form = l.sampleFields()
}

// sampleFields are inputs of every sort, some with something to mend.
func (l *linker) sampleFields() []sampleField {
	var fields []sampleField
	k := l.cfg.Kind("request")
	for name, f := range map[string]sampleField{
		"title": {Value: "…"}, "body": {}, "urgency": {Value: "soon"}, "needs": {}, "contact": {Error: "error.contact"}, "needed_by": {},
	} {
		if f.Field = k.Field(name); f.Field == nil {
			continue
		}
		f.ID = "sample-" + name
		for _, o := range f.Field.Options {
			f.Options = append(f.Options, sampleOption{Value: o, Selected: o == f.Value})
		}
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b sampleField) int { return slices.Index(k.Fields, a.Field) - slices.Index(k.Fields, b.Field) })
	return fields
}
