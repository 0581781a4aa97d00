package site

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// Format writes a page as the file that Parse reads back the same. A page that
// cannot be written so, or of which Parse finds fault, is an error that names
// the field; nothing is changed to make it fit but the blank lines around the body.
func Format(c *Config, p *Page) ([]byte, error) {
	kind := c.Kind(p.Kind)
	if kind == nil {
		return nil, fmt.Errorf("there is no kind %q", p.Kind)
	}
	want := *p
	want.Body = tidyBody(p.Body)
	var b bytes.Buffer
	b.WriteString(fence + "\n")
	if err := writeHeader(&b, c, kind, &want); err != nil {
		return nil, err
	}
	b.WriteString(fence + "\n")
	if want.Body != "" {
		b.WriteString("\n" + want.Body)
	}
	if !utf8.Valid(b.Bytes()) {
		return nil, fmt.Errorf("the text is not UTF-8")
	}
	got, problems := Parse(c, p.Place, b.Bytes())
	for _, pr := range problems {
		if pr.Severity == Error {
			return nil, fmt.Errorf("%s", pr.Text)
		}
	}
	if !reflect.DeepEqual(got, &want) {
		return nil, fmt.Errorf("the page cannot be written so that it reads back the same: %s", firstDifference(got, &want))
	}
	return b.Bytes(), nil
}

func writeHeader(b *bytes.Buffer, c *Config, kind *Kind, p *Page) error {
	if p.Kind != c.KindAt(p.Place) {
		fmt.Fprintf(b, "kind = %q\n", p.Kind)
	}
	m := &p.Meta
	common := []struct {
		key   string
		value any
	}{
		{"title", m.Title}, {"summary", m.Summary}, {"date", m.Date}, {"updated", m.Updated},
		{"draft", m.Draft}, {"publish_from", m.PublishFrom}, {"expires", m.Expires},
		{"categories", m.Categories}, {"areas", m.Areas}, {"languages", m.Languages},
		{"aliases", m.Aliases}, {"weight", float64(m.Weight)}, {"lang", m.WrittenIn}, {"html", m.HTML},
	}
	for _, e := range common {
		if !reflect.ValueOf(e.value).IsZero() {
			if err := writeEntry(b, e.key, e.value); err != nil {
				return err
			}
		}
	}
	left := len(p.Fields)
	for _, f := range kind.Fields {
		if v, ok := p.Fields[f.Name]; ok {
			left--
			if f.Class != Public {
				return fmt.Errorf("%q is private and has no place in a page", f.Name)
			}
			if err := writeEntry(b, f.Name, v); err != nil {
				return err
			}
		}
	}
	if left > 0 {
		return fmt.Errorf("a page of kind %s has no such field: %s", kind.Name, strings.Join(unknownFields(kind, p), ", "))
	}
	return nil
}

func unknownFields(kind *Kind, p *Page) []string {
	var names []string
	for name := range p.Fields {
		if kind.Field(name) == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// writeEntry writes one line of TOML. Text is encoded by the TOML package.
func writeEntry(b *bytes.Buffer, key string, v any) error {
	switch v := v.(type) {
	case Date:
		fmt.Fprintf(b, "%s = %s\n", key, v)
		return nil
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		fmt.Fprintf(b, "%s = %s\n", key, s)
		return nil
	}
	line, err := toml.Marshal(map[string]any{key: v})
	if err != nil {
		return fmt.Errorf("%q cannot be written: %w", key, err)
	}
	b.Write(line)
	return nil
}

// firstDifference names the first part in which two pages differ.
func firstDifference(a, b *Page) string {
	if a.Kind != b.Kind {
		return "kind"
	}
	if a.Body != b.Body {
		return "the text"
	}
	x, y := reflect.ValueOf(a.Meta), reflect.ValueOf(b.Meta)
	for i := range x.NumField() {
		if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			return strings.ToLower(x.Type().Field(i).Name)
		}
	}
	return "its place"
}
