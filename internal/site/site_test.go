package site

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const testTOML = `title = { en = "Riverside", es = "Ribera" }
languages = ["en", "es", "zh-Hans"]
timezone = "America/New_York"
[taxonomy.category]
values = ["food", "food/hot-meals", "transport"]
[kind.request.field.stairs]
label = { en = "Stairs?" }
type = "choice"
options = ["none", "many"]
class = "organizers"
[kind.request.field.secret]
type = "text"
[kind.resource.field.parking]
type = "yesno"
class = "public"
[kind.tool]
label = "Tool"
[kind.tool.field.weight_kg]
type = "number"
class = "public"
`

func testConfig(t testing.TB, src string) *Config {
	t.Helper()
	c, problems := ParseConfig([]byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func placeOf(t testing.TB, c *Config, p string) Place {
	t.Helper()
	pl, err := c.PlaceOf(p)
	if err != nil {
		t.Fatal(err)
	}
	return pl
}

// lines gives problems as text, with their hints.
func lines(ps []Problem) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String()+" | "+p.Hint)
	}
	return out
}

func TestConfigProblems(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"title = \"X\"\nbase_ulr = \"x\"\n", `site.toml:2:1: nothing is called "base_ulr" here | did you mean "base_url"?`},
		{"title = \"X\"\n[intake]\n  pausd = \"\"\n", `site.toml:3:3: nothing is called "pausd" here | did you mean "paused"?`},
		{"title = \"X\"\n[kind.offer.field.x]\ntyp = \"text\"\n", `site.toml:3:1: nothing is called "typ" here | did you mean "type"?`},
		{"title = \"X\"\n[zzzzzz]\na = 1\n", `site.toml:2:1: nothing is called "zzzzzz" here | known here: base_url, colors, description, email`},
		{"title = \"X\"\n[kind.offer.field.x]\ntype = \"txt\"\n", `site.toml:3:1: the type "txt" is not known | use one of text`},
		{"title = \"X\"\n[kind.offer.field.x]\ntype = \"text\"\nclass = \"secret\"\n", `site.toml:4:1: the class "secret" is not known | use public, organizers or sealed`},
		{"title = \"X\"\n[kind.offer.field.contact]\nclass = \"public\"\n", `site.toml:3:1: the privacy class of "contact" is fixed | leave class out`},
		{"title = \"X\"\n[kind.offer.field.quantity]\ntype = \"number\"\n", `site.toml:3:1: the type of "quantity" is fixed | leave type out`},
		{"title = \"X\"\n[kind.resource.field.title]\ntype = \"text\"\n", `site.toml:2:1: "title" is a field of potluck itself | every page has this field`},
		{"title = \"X\"\n[kind.offer.field.x]\ntype = \"choice\"\n", `site.toml:2:1: a choice needs options | add options`},
		{"title = \"X\"\n[kind.offer.field.Big]\ntype = \"text\"\n", `site.toml:2:1: "Big" cannot be the name of a field | use small letters`},
		{"title = \"X\"\n[kind.\"a/b\"]\n", `"a/b" cannot be the name of a kind | use small letters`},
		{"title = \"X\"\nlanguages = [\"en\", \"../es\"]\n", `site.toml:2:1: "../es" is not a language code | write codes`},
		{"title = \"X\"\nlanguages = [\"en\"]\n[fallback]\nca = [\"en\"]\nen = [\"fr\"]\n", `site.toml:4:1: "ca" is not a language of this site | use those of languages`},
		{"title = \"X\"\n[kind.tool]\nfolder = \"../tools\"\n", `site.toml:3:1: "../tools" cannot be the folder of a kind | use one name`},
		{"title = \"X\"\n[kind.tool]\nfolder = \"forms\"\n", `site.toml:3:1: "forms" cannot be the folder of a kind`},
		{"title = \"X\"\ntimezone = \"Mars\"\n", `site.toml:2:1: the time zone "Mars" is not known`},
		{"title = \"X\"\nbase_url = \"riverside\"\n", `site.toml:2:1: base_url "riverside" is not a web address`},
		{"title = \"X\"\npage_size = 0\n", `site.toml:2:1: page_size cannot be 0`},
		{"x = [", `site.toml:1:`},
		{"", `the network has no title | add title`},
	} {
		cfg, ps := ParseConfig([]byte(c.src))
		if cfg.Location == nil || cfg.Title == nil || len(cfg.Languages) == 0 || cfg.Kind("offer") == nil {
			t.Errorf("%q: the config cannot be used", c.src)
		}
		if !slices.ContainsFunc(lines(ps), func(l string) bool { return strings.Contains(l, c.want) }) {
			t.Errorf("%q:\n got %s\nwant %s", c.src, strings.Join(lines(ps), "\n     "), c.want)
		}
	}
}

func TestConfigKinds(t *testing.T) {
	c := testConfig(t, testTOML+`
[kind.offer.field.quantity]
label = "How many?"
ask = false
[kind.offer.field.urgency]
options = ["now", "later"]
required = true
`)
	req, offer := c.Kind("request"), c.Kind("offer")
	if f := req.Field("stairs"); f.Class != Organizers || f.Type != Choice || !f.Ask {
		t.Errorf("stairs: %+v", f)
	}
	if f := req.Field("secret"); f.Class != Sealed {
		t.Errorf("a field that names no class is %v", f.Class)
	}
	if f := offer.Field("quantity"); f.Class != Public || f.Label.In("es") != "How many?" || f.Ask {
		t.Errorf("quantity: %+v", f)
	}
	if f := offer.Field("urgency"); !slices.Equal(f.Options, []string{"now", "later"}) || !f.Required {
		t.Errorf("urgency: %+v", f)
	}
	if f := req.Field("urgency"); !slices.Equal(f.Options, Urgencies) || f.Required {
		t.Errorf("a change of offer reached request: %+v", f)
	}
	if k := c.Kind("tool"); k.Folder != "tools" || c.KindAt(placeOf(t, c, "tools/saw.md")) != "tool" {
		t.Errorf("tool: %+v", k)
	}
	if other := testConfig(t, `title = "X"`); !other.Kind("offer").Field("quantity").Ask || other.Kind("tool") != nil {
		t.Error("one network's schema reached another's")
	}
}

func TestParse(t *testing.T) {
	c := testConfig(t, testTOML)
	for _, tc := range []struct{ path, src, want string }{
		{"resources/a.md", "+++\ntitle = \"A\"\n+++\n", ""},
		{"resources/a.md", "Just words", `resources/a.md:1:1: the page has no title | add title`},
		{"resources/a.md", "+++\ntitle = \"A\"\nphones = \n+++\n", `resources/a.md:3:`},
		{"resources/a.md", "+++\ntitle = \"A\n+++\n", `resources/a.md:2:`},
		{"resources/a.md", "+++\ntitle = \"A\"\nbody text", `resources/a.md:1:1: the front matter has no end | end the front matter with a line +++`},
		{"resources/a.md", "---\ntitle: A\n---\n", `resources/a.md:1:1: the front matter is YAML | `},
		{"resources/a.md", "+++\ntitle = \"A\"\nadress = \"x\"\n+++\n", `resources/a.md:3:1: a page of kind resource has no field "adress" | did you mean "address"?`},
		{"resources/a.md", "+++\ntitle = \"A\"\nhours = \"Mon 9-5\"\n+++\n", `resources/a.md:3:1: "hours" cannot be read: column 1: "Mon" is not a day`},
		{"resources/a.md", "+++\ntitle = \"A\"\nlatitude = \"north\"\n+++\n", `resources/a.md:3:1: "latitude" should be a number | write a number without quotes`},
		{"resources/a.md", "+++\ntitle = \"A\"\nparking = 3\n+++\n", `resources/a.md:3:1: "parking" should be true or false`},
		{"resources/a.md", "+++\ntitle = \"A\"\nlocation_type = \"virtal\"\n+++\n", `"location_type" cannot be "virtal" | did you mean "virtual"?`},
		{"resources/a.md", "+++\ntitle = \"A\"\nurl = \"javascript:alert(1)\"\n+++\n", `"url" is not a web address`},
		{"resources/a.md", "+++\ntitle = \"A\"\ncategories = [\"food/hot-meal\"]\n+++\n", `resources/a.md:3:1: "food/hot-meal" is not a category of this network | did you mean "food/hot-meals"?`},
		{"resources/a.md", "+++\ntitle = \"A\"\nareas = [\"../x\"]\n+++\n", `"../x" cannot be a value of areas | use small letters`},
		{"resources/a.md", "+++\ntitle = \"A\"\ncontact = \"555-0100\"\n+++\n", `resources/a.md:3:1: "contact" is private and must not stand in a content file`},
		{"requests/a.md", "+++\ntitle = \"A\"\nstairs = \"none\"\n+++\n", `requests/a.md:3:1: "stairs" is private`},
		{"requests/a.md", "+++\ntitle = \"A\"\naddress = \"1 Mill Road\"\n+++\n", `requests/a.md:3:1: "address" is private`},
		{"requests/a.md", "+++\ntitle = \"A\"\nbody = \"x\"\n+++\n", `has no field "body"`},
		{"pages/a.md", "+++\ntitle = \"A\"\nkind = \"ofer\"\n+++\n", `pages/a.md:3:1: there is no kind "ofer" | did you mean "offer"?`},
		{"pages/a.md", "+++\ntitle = \"A\"\nkind = 3\n+++\n", `pages/a.md:3:1: there is no kind "3" | use one of: page, resource`},
		{"a.md", "+++\ntitle = \"A\"\ndate = 12:30:00\n+++\n", `a.md:3:1: "date" a time of day is not a date`},
		{"a.md", "+++\ntitle = \"A\"\nx.y = 1\n+++\n", `a page of kind page has no field "x"`},
		{"a.md", "\ufeff+++\r\ntitle = \"A\"\r\n+++\r\n\r\nB\r\n", ""},
		{"a.md", "+++\ntitle = \"A\"\n+++\n\na\x00b", `a.md:5:2: the file has a NUL character`},
		{"a.md", "+++\ntitle = \"A\"\n+++\n\nab\xff", `a.md:5:3: the file has bytes that are not UTF-8 text`},
		{"a.md", "", `a.md:1:1: the page has no title`},
	} {
		p, ps := Parse(c, placeOf(t, c, tc.path), []byte(tc.src))
		if p.Title == "" {
			t.Errorf("%q: no title", tc.src)
		}
		got := strings.Join(lines(ps), "\n")
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%q:\n got %s\nwant %s", tc.src, got, tc.want)
		}
		if all := fmt.Sprintf("%#v", p); strings.Contains(all, "555-0100") || strings.Contains(all, "1 Mill Road") {
			t.Errorf("%q: the private value is in the page", tc.src)
		}
	}
	crlf, _ := Parse(c, placeOf(t, c, "a.md"), []byte("\ufeff+++\r\ntitle = \"A\"\r\n+++\r\n\r\nB\r\nC\rD\r\n"))
	if crlf.Title != "A" || crlf.Body != "B\nC\nD\n" {
		t.Errorf("%q %q", crlf.Title, crlf.Body)
	}
}

func TestBrokenPageKeepsItsWords(t *testing.T) {
	c := testConfig(t, testTOML)
	p, ps := Parse(c, placeOf(t, c, "resources/soup-kitchen.md"), []byte("+++\ntitle = broken\n+++\n\nCome in.\n"))
	if len(ps) != 1 || ps[0].Line != 2 || p.Title != "Soup kitchen" || p.Body != "Come in.\n" || p.Kind != "resource" {
		t.Errorf("%+v\n%v", p, ps)
	}
}

func TestFormat(t *testing.T) {
	c := testConfig(t, testTOML)
	day, _ := ParseDate("2026-11-02")
	p := &Page{Place: placeOf(t, c, "resources/a.md"), Kind: "resource", Body: "\n\n  code?\n+++\n---\n\"\"\"\n\n", Meta: Meta{
		Title: `He said "+++" and \n`, Date: day, Categories: []string{"food"}, Weight: -3, Fields: map[string]any{
			"eligibility_description": "one\n+++\n\"\"\" 'two'", "phones": []string{"555-0100", "+1 (555) 0101"}, "parking": false, "latitude": 1e-7}}}
	src, err := Format(c, p)
	if err != nil {
		t.Fatal(err)
	}
	again, ps := Parse(c, p.Place, src)
	if again.Fields["eligibility_description"] != p.Fields["eligibility_description"] || again.Title != p.Title || len(ps) > 0 {
		t.Errorf("%s\n%+v\n%v", src, again, ps)
	}
	second, err := Format(c, again)
	if err != nil || string(second) != string(src) {
		t.Errorf("%v\n%s\n%s", err, src, second)
	}
	for want, p := range map[string]Page{
		`there is no kind "zzz"`:          {Kind: "zzz"},
		`"contact" is private`:            {Kind: "offer", Meta: Meta{Title: "A", Fields: map[string]any{"contact": "x"}}},
		`has no such field: nope`:         {Kind: "offer", Meta: Meta{Title: "A", Fields: map[string]any{"nope": "x"}}},
		`not a category of this network`:  {Kind: "offer", Meta: Meta{Title: "A", Categories: []string{"zzz"}}},
		`the text is not UTF-8`:           {Kind: "page", Meta: Meta{Title: "A"}, Body: "\xff"},
		`NUL`:                             {Kind: "page", Meta: Meta{Title: "A"}, Body: "a\x00b"},
		`reads back the same: title`:      {Kind: "page", Meta: Meta{Title: " A"}},
		`reads back the same: the text`:   {Kind: "page", Meta: Meta{Title: "A"}, Body: "a\rb"},
		`reads back the same: fields`:     {Kind: "page", Meta: Meta{Title: "A", Fields: map[string]any{}}},
		`the page has no title`:           {Kind: "page"},
		`reads back the same: categories`: {Kind: "page", Meta: Meta{Title: "A", Categories: []string{"food", "food"}}},
	} {
		p.Place = placeOf(t, c, "a.md")
		if _, err := Format(c, &p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	c := testConfig(t, testTOML)
	for p, want := range map[string]Place{
		"index.md":                   {Key: "index", URL: "/", Out: "index.html", Lang: "en", Index: true},
		"index.es.md":                {Key: "index", URL: "/es/", Out: "es/index.html", Lang: "es", Index: true},
		"about.md":                   {Key: "about", URL: "/about/", Out: "about/index.html", Lang: "en"},
		"about.fr.md":                {Key: "about.fr", URL: "/about.fr/", Out: "about.fr/index.html", Lang: "en"},
		"about.zh-Hans.md":           {Key: "about", URL: "/zh-Hans/about/", Out: "zh-Hans/about/index.html", Lang: "zh-Hans"},
		"resources/index.md":         {Key: "resources/index", URL: "/resources/", Out: "resources/index.html", Lang: "en", Section: "resources", Index: true},
		"requests/2026/11/a b.es.md": {Key: "requests/2026/11/a b", URL: "/es/requests/2026/11/a%20b/", Out: "es/requests/2026/11/a b/index.html", Lang: "es", Section: "requests"},
		"resources/ö.md":             {Key: "resources/ö", URL: "/resources/%C3%B6/", Out: "resources/ö/index.html", Lang: "en", Section: "resources"},
	} {
		want.Path = p
		if got, err := c.PlaceOf(p); err != nil || got != want {
			t.Errorf("%s: %v\n got %+v\nwant %+v", p, err, got, want)
		}
	}
	for _, p := range []string{"a.txt", "../a.md", "a/../b.md", ".git/a.md", "a//b.md", "a\\b.md", "a\nb.md", "a\u202eb.md", "forms/a.md", "desk/index.md", "mine.md", "search.md", "es/a.md", "es/index.md", "es.md", ".md", "resources/.md", "resources/.es.md", strings.Repeat("a", 201) + ".md"} {
		if pl, err := c.PlaceOf(p); err == nil {
			t.Errorf("%q has a place: %+v", p, pl)
		}
	}
}

func TestDates(t *testing.T) {
	ny := testConfig(t, testTOML).Location
	for in, want := range map[string]string{
		"2026-11-01": "2026-11-01", "2026-11-01 18:30": "2026-11-01T18:30:00", "2026-11-01T18:30:00": "2026-11-01T18:30:00",
		"2026-11-01T18:30:00-05:00": "2026-11-01T23:30:00Z",
	} {
		d, err := ParseDate(in)
		if err != nil || d.String() != want {
			t.Errorf("%s: %s %v", in, d, err)
		}
	}
	for _, in := range []string{"", "1/2/2026", "2026-13-01", "0000-01-01", "2026-11-01T25:00:00Z", "9999-12-31T23:59:59-05:00"} {
		if d, err := ParseDate(in); err == nil {
			t.Errorf("%q is the date %s", in, d)
		}
	}
	d, _ := ParseDate("2026-11-01") // the day has 25 hours there
	if n := d.End(ny).Sub(d.Start(ny)); n != 25*time.Hour {
		t.Errorf("the day lasts %s", n)
	}
	m := Meta{PublishFrom: d, Expires: d}
	for at, want := range map[string]bool{"2026-11-01T03:59:59Z": false, "2026-11-01T04:00:00Z": true, "2026-11-02T04:59:59Z": true, "2026-11-02T05:00:00Z": false} {
		now, _ := time.Parse(time.RFC3339, at)
		if got, next := m.Shown(now, ny); got != want || !next.IsZero() && !next.After(now) {
			t.Errorf("%s: %v, next %s", at, got, next)
		}
	}
}

func TestCoerce(t *testing.T) {
	for _, c := range []struct {
		f    Field
		in   []string
		want any
	}{
		{Field{Type: Text}, []string{" a\n b\u202e "}, "a b"},
		{Field{Type: Text}, []string{"  "}, nil},
		{Field{Type: LongText}, []string{"a\r\nb\x00"}, "a\nb"},
		{Field{Type: YesNo}, []string{"on"}, true},
		{Field{Type: Number}, []string{"-0"}, 0.0},
		{Field{Type: Choices, Options: []string{"a", "b"}}, []string{"b", ""}, []string{"b"}},
		{Field{Type: Choices, Options: []string{"a", "b"}}, []string{""}, nil},
		{Field{Type: Choices, Options: []string{"a", "b"}}, []string{"c"}, "is refused"},
		{Field{Type: Choice, Options: []string{"a"}}, []string{"b"}, "is refused"},
		{Field{Type: Phones}, []string{"555-0100", "none"}, "is refused"},
		{Field{Type: Email}, []string{"a@example.org, b@example.org"}, "is refused"},
		{Field{Type: Number}, []string{"NaN"}, "is refused"},
		{Field{Type: URL}, []string{"ftp://example.org"}, "is refused"},
		{Field{Type: URL}, []string{"https://example.org/ä?b#c"}, "https://example.org/ä?b#c"},
		{Field{Type: Day}, []string{"tomorrow"}, "is refused"},
		{Field{Type: Hours}, []string{"Mo 09:00-17:00"}, "Mo 09:00-17:00"},
	} {
		got, err := c.f.Coerce(c.in...)
		if c.want == "is refused" && err == nil || c.want != "is refused" && (err != nil || !reflect.DeepEqual(got, c.want)) {
			t.Errorf("%s %q: got %#v, %v", c.f.Type, c.in, got, err)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"title", "areas", "date", "url"}
	for in, want := range map[string]string{"titel": "title", "Tile": "title", "area": "areas", "dat": "date", "zzz": "", "u": "", "": ""} {
		if got := Nearest(in, words); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestProblemNamesAreSafeToPrint(t *testing.T) {
	p := Problem{Path: "a\x1b[2J\u202e.md", Line: 1, Text: "x"}
	if s := p.String(); strings.ContainsAny(s, "\x1b\u202e") {
		t.Errorf("%q", s)
	}
	if s := (Problem{Path: "resources/ö.md", Text: "x"}).String(); s != "resources/ö.md: x" {
		t.Errorf("%q", s)
	}
}

// roundTrip holds the law: what Format writes, Parse reads back the same.
func roundTrip(t *testing.T, c *Config, p *Page) {
	t.Helper()
	src, err := Format(c, p)
	if err != nil {
		return
	}
	q, ps := Parse(c, p.Place, src)
	want := *p
	want.Body = tidyBody(p.Body)
	if !reflect.DeepEqual(q, &want) || slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == Error }) {
		t.Fatalf("%q\n%#v\n%#v\n%v", src, q, &want, ps)
	}
	again, err := Format(c, q)
	if err != nil || string(again) != string(src) {
		t.Fatalf("%v\n%q\n%q", err, src, again)
	}
}

// FuzzRoundTrip takes any file: what Parse makes of it can be written, when it
// had no fault, and is then read back the same.
func FuzzRoundTrip(f *testing.F) {
	c := testConfig(f, testTOML)
	f.Add("resources/a.md", []byte("+++\ntitle = \"A\"\nphones = [\"555-0100\"]\nhours = \"24/7\"\nlatitude = 1.5\nparking = true\n+++\n\nB\n"))
	f.Add("offers/2026/11/x.es.md", []byte("+++\ntitle = '''\n+++'''\ndate = 2026-11-02T10:00:00Z\nexpires = 2026-11-02\npublish_from = 2026-11-02T10:00:00\nstate = \"open\"\nweight = 1e3\n+++\nB"))
	f.Add("a.md", []byte("\ufeff+++\r\nkind = \"tool\"\r\ntitle = \"\\u0000\"\r\nweight_kg = -0.0\r\naliases = [\"/b/\"]\r\n+++\r\n    code\r\n\x00\xff"))
	f.Fuzz(func(t *testing.T, path string, src []byte) {
		pl, err := c.PlaceOf(path)
		if err != nil {
			return
		}
		p, ps := Parse(c, pl, src)
		for _, pr := range ps {
			if pr.Line < 1 || pr.Col < 1 || pr.Line > strings.Count(strings.ReplaceAll(string(src), "\r", "\n"), "\n")+1 {
				t.Fatalf("%q: no place: %+v", src, pr)
			}
		}
		if _, err := Format(c, p); err != nil && len(ps) == 0 {
			t.Fatalf("%q was read without a problem but cannot be written: %v", src, err)
		}
		roundTrip(t, c, p)
	})
}

// FuzzFields takes any text in every place that has text.
func FuzzFields(f *testing.F) {
	c := testConfig(f, testTOML)
	f.Add("A", "b +++ \"\"\" '''\n\\", "c", 1.5, int64(3))
	f.Add("\u2028", "\x7f\u0085", "\r\n", math.Copysign(0, -1), int64(1<<40))
	f.Fuzz(func(t *testing.T, title, text, body string, n float64, sec int64) {
		p := &Page{Place: placeOf(t, c, "resources/a.md"), Kind: "resource", Body: body, Meta: Meta{Title: title, Summary: text,
			Updated: Date{time.Unix(sec, 0).UTC(), InstantForm}, Aliases: []string{text}, Areas: []string{title}, Weight: int(sec % 1e6),
			Fields: map[string]any{"eligibility_description": text, "address": title, "accessibility": []string{text, title}, "latitude": n, "parking": n > 0}}}
		roundTrip(t, c, p)
		long := &Page{Place: p.Place, Kind: "resource", Body: "B\n", Meta: Meta{Title: "A", Fields: map[string]any{}}}
		if v, err := c.Kind("resource").Field("eligibility_description").Coerce(text); err == nil && v != nil {
			long.Fields["eligibility_description"] = v
			if _, err := Format(c, long); err != nil {
				t.Fatalf("%q passed Coerce but cannot be written: %v", text, err)
			}
		}
	})
}

// FuzzConfig takes any site.toml: the config can always be used.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(testTOML))
	f.Add([]byte("languages = [\"en\", \"en\"]\nkind = 3\n[taxonomy]\nx = 1\n[[menu]]\npage = 1\n[kind.offer]\nfield = 1"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, _ := ParseConfig(src)
		if pl, err := c.PlaceOf("resources/a.md"); err == nil {
			roundTrip(t, c, &Page{Place: pl, Kind: c.KindAt(pl), Meta: Meta{Title: "A", Categories: []string{"food"}}})
		}
		_ = c.Label("category", "food/hot-meals", c.Languages[0]) + c.Title.In(c.Languages...) + c.Location.String()
	})
}
