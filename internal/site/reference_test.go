package site

import (
	"slices"
	"strings"
	"testing"
)

// Every key of site.toml says in one line what it is for, and each is known to
// the parser by that name.
func TestReference(t *testing.T) {
	keys := Reference()
	for _, k := range keys {
		if k.Doc == "" || strings.Contains(k.Doc, "\n") || k.Type == "" {
			t.Errorf("%s %s: no line that says what it is for: add doc:\"…\" to its struct tag", k.Table, k.Name)
		}
	}
	for _, want := range []Key{
		{"", "page_size", "number", "50", "entries on one page of a list, 1 to 1000"},
		{"[outputs]", "facet_pairs", "true or false", "false", "pages of each category within each area"},
		{"[outputs]", "", "table", "", "what is made beside the pages"},
		{"[[menu]]", "label", "words", "", "what it says; left out, the title of the page"},
		{"[kind.NAME.field.NAME]", "type", "text", "", "text, longtext, choice, choices, list, date, number, phone, phones, email, url, hours or yesno"},
		{"[taxonomy.NAME]", "labels", "table of words", "", "the words for each value"},
	} {
		if !slices.Contains(keys, want) {
			t.Errorf("the reference lacks %+v", want)
		}
	}
	if n := strings.Count(strings.Join(types, " "), " "); n != 12 {
		t.Errorf("name all %d types in the doc of a field's type", n+1)
	}
}

func TestNumberFromTo(t *testing.T) {
	c, _ := ParseConfig([]byte(`title = "x"`))
	for value, ok := range map[string]bool{"1": true, "1000": true, "0": false, "1001": false, "2.5": false, "-3": false} {
		pl, _ := c.PlaceOf("news/index.md")
		p, problems := Parse(c, pl, []byte("+++\ntitle = \"News\"\npage_size = "+value+"\n+++\n"))
		if p.Has("page_size") != ok || (len(problems) == 0) != ok {
			t.Errorf("page_size = %s: kept %v, problems %v", value, kept, problems)
		}
	}
}
