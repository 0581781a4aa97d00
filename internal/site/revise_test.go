package site

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// TestRevise: only what was asked for is another, comments and order stay.
func TestRevise(t *testing.T) {
	const page = "+++\n# who runs it\ntitle = \"Old Mill\" # by hand\nphones = [\n  \"555-0101\",\n  \"555-0102\", # after six\n]\nalert = \"\"\"\nShut\non Friday\"\"\"\nassured_date = 2026-01-02\n+++\n\nBread.\n"
	day, _ := ParseDate("2026-11-23")
	body := "Bread and soup."
	for name, c := range map[string]struct {
		src    string
		values map[string]any
		body   *string
		want   string
	}{
		"nothing":          {page, nil, nil, page},
		"a date":           {page, map[string]any{"assured_date": day}, nil, strings.Replace(page, "2026-01-02", "2026-11-23", 1)},
		"a list":           {page, map[string]any{"phones": []string{"555-0103"}}, nil, page[:strings.Index(page, "phones")] + "phones = [\"555-0103\"]\n" + page[strings.Index(page, "alert"):]},
		"a long text":      {page, map[string]any{"alert": nil}, nil, strings.Replace(page, "alert = \"\"\"\nShut\non Friday\"\"\"\n", "", 1)},
		"a new key":        {page, map[string]any{"draft": true}, nil, strings.Replace(page, "\n+++\n\n", "\ndraft = true\n+++\n\n", 1)},
		"no is no line":    {page, map[string]any{"draft": false, "areas": []string(nil)}, nil, page},
		"the text":         {page, nil, &body, strings.Replace(page, "Bread.", "Bread and soup.", 1)},
		"without a header": {"Bread.\n", map[string]any{"title": "A"}, nil, "+++\ntitle = \"A\"\n+++\nBread.\n"},
		"the same text":    {"+++\ntitle = \"A\"\n+++\nBread and soup.", nil, &body, "+++\ntitle = \"A\"\n+++\nBread and soup."},
	} {
		if got, err := Revise([]byte(c.src), c.values, c.body); err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, c.want)
		}
	}
	for name, src := range map[string]string{
		"no end": "+++\ntitle = \"A\"\n", "broken": "+++\ntitle = A\n+++\n", "YAML": "---\ntitle: A\n---\n",
		"in a table": "+++\n[x]\ny = 1\n+++\n", "in a text": "+++\nsummary = \"\"\"\ntitle = \"B\"\"\"\"\ntitle = \"A\"\n+++\n", "a quoted key": "+++\n\"title\" = \"A\"\n+++\n",
	} {
		if got, err := Revise([]byte(src), map[string]any{"title": "C"}, nil); !errors.Is(err, ErrByHand) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

// FuzzRevise: what is revised reads as wanted, and every other field as before.
func FuzzRevise(f *testing.F) {
	c := testConfig(f, testTOML)
	pl := placeOf(f, c, "resources/a.md")
	for _, h := range headers {
		f.Add("+++\n"+h+"+++\n\nBread.\n", "A title", "A text.")
	}
	f.Fuzz(func(t *testing.T, src, title, body string) {
		if title = CleanLine(title); title == "" {
			return
		}
		was, _ := Parse(c, pl, []byte(src))
		out, err := Revise([]byte(src), map[string]any{"title": title}, &body)
		if err != nil {
			return
		}
		got, _ := Parse(c, pl, out)
		again, _ := Parse(c, pl, []byte(body)) // as a text without front matter
		if got.Title != title || !strings.HasPrefix(body, "+++") && !strings.Contains(body, "\x00") && got.Body != again.Body {
			t.Fatalf("%q %q\n%q", got.Title, got.Body, out)
		}
		was.Title, was.Body, was.HTML = got.Title, got.Body, got.HTML
		if !reflect.DeepEqual(was, got) {
			t.Fatalf("%+v\n%+v\n%q", was, got, out)
		}
	})
}
