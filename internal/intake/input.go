package intake

import (
	"slices"
	"strings"

	"potluck/internal/site"
)

// Input is a question on a form, with what was typed.
type Input struct {
	*site.Field
	ID      string
	Value   string   // one-valued inputs; of a list, one item on each line
	Values  []string // many-valued inputs
	Options []Option // choice, choices
	Error   string   // key of the theme's strings, or ""
}

// Option is one choice of an Input.
type Option struct {
	Value    string
	Label    string // in the page's language; "" for optionLabel to name it
	Depth    int    // 1 below its parent, for category and area
	Selected bool
}

// Input makes the question one of a page in a language.
func (q Question) Input(c *site.Config, lang string, typed []string) Input {
	in := Input{Field: q.Field, ID: "f-" + q.Name, Value: strings.Join(typed, "\n"), Values: typed}
	for _, o := range q.Options {
		option := Option{Value: o, Label: Label(c, q.Name, o, lang), Selected: slices.Contains(typed, o)}
		if Taxonomies[q.Name] != "" {
			option.Depth = min(strings.Count(o, "/"), 1)
		}
		in.Options = append(in.Options, option)
	}
	return in
}

// Label gives the words of site.toml for a choice of a field; "" when the theme has them.
func Label(c *site.Config, field, value, lang string) string {
	tax := Taxonomies[field]
	if tax == "" || tax == "language" && c.Taxonomy[tax].Labels[value] == nil {
		return ""
	}
	return c.Label(tax, value, lang)
}

// items splits what was typed for a list: one item stands on each line.
func (q Question) items(typed []string) []string {
	if q.Type != site.List && q.Type != site.Phones {
		return typed
	}
	return strings.FieldsFunc(strings.Join(typed, "\n"), func(r rune) bool { return r == '\n' || r == '\r' })
}
