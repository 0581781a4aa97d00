package intake

import (
	"reflect"
	"slices"
	"strings"

	"potluck/internal/site"
)

var bodyField = &site.Field{Name: "body", Type: site.LongText, Class: site.Public}

// PageFields gives the public fields of a kind's pages in the order in which a person
// fills them in: title, summary and text first, what every page has last.
func PageFields(c *site.Config, kind string) []*site.Field {
	fields := []*site.Field{site.CommonField("title"), site.CommonField("summary"), bodyField}
	add := func(f *site.Field) {
		if f != nil && f.Class == site.Public && !slices.ContainsFunc(fields, func(g *site.Field) bool { return g.Name == f.Name }) {
			fields = append(fields, f)
		}
	}
	for _, name := range []string{"categories", "areas", "languages"} {
		f := site.CommonField(name)
		f.Type = site.Choices
		if len(options(c, f)) == 0 {
			f.Type = site.List
		}
		add(f)
	}
	if k := c.Kind(kind); k != nil {
		for _, f := range k.Fields {
			add(f)
		}
	}
	for _, name := range []string{"date", "publish_from", "expires", "draft", "updated", "weight", "aliases", "html"} {
		add(site.CommonField(name))
	}
	return fields
}

// options are the choices of a field, those of site.toml included; nil: any text.
func options(c *site.Config, f *site.Field) []string {
	switch f.Name {
	case "categories", "areas":
		return c.Taxonomy[Taxonomies[f.Name]].Values
	case "languages":
		if values := c.Taxonomy["language"].Values; values != nil {
			return values
		}
		return c.Languages
	}
	return f.Options
}

// PageQuestions are those of a page as an organizer edits it: see [PageFields].
func PageQuestions(c *site.Config, kind string) []Question {
	var qs []Question
	for _, f := range PageFields(c, kind) {
		qs = append(qs, Question{Field: f, Options: options(c, f)})
	}
	return qs
}

// PageValues gives a page as a form posts it.
func PageValues(c *site.Config, p *site.Page) map[string][]string {
	values := map[string][]string{}
	for _, f := range PageFields(c, p.Kind) {
		values[f.Name] = texts(p.Value(f.Name))
	}
	values["body"] = []string{p.Body}
	return values
}

// Fill gives the file of a page with what was typed into a form. Only what is another than
// in the page before is changed; of a field that was not on the form, nothing. before is
// nil for a new page.
func Fill(c *site.Config, pl site.Place, before []byte, kind string, typed map[string][]string) ([]byte, []Fault, error) {
	p, _ := site.Parse(c, pl, before)
	if before == nil {
		p = &site.Page{Place: pl, Kind: kind}
	}
	values, faults := map[string]any{}, []Fault(nil)
	var body *string
	for _, q := range PageQuestions(c, p.Kind) {
		given, ok := typed[q.Name]
		switch {
		case !ok:
		case q.Name == "body":
			text := strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.Join(given, "\n")), "\ufffd")
			body = &text
		default:
			v, fault := q.value(given)
			if q.Name == "title" && v == nil {
				fault = "error.required"
			}
			if was := p.Value(q.Name); fault != "" {
				faults = append(faults, Fault{q.Field, fault})
			} else if !reflect.DeepEqual(was, v) && !(was == nil && v == false) {
				values[q.Name] = v
			}
		}
	}
	if len(faults) > 0 {
		return nil, faults, nil
	}
	if before == nil && kind != c.KindAt(pl) {
		values["kind"] = kind
	}
	data, err := site.Revise(before, values, body)
	if err == nil && before == nil {
		written, _ := site.Parse(c, pl, data)
		if inOrder, err := site.Format(c, written); err == nil {
			data = inOrder
		}
	}
	return data, nil, err
}
