package builder

import (
	"fmt"
	"html/template"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/formhandler"
	"potluck/internal/search"
	"potluck/internal/site"
)

const fastConfig = `title = "Testers & \"Friends\""
base_url = "https://t.example/net/"
description = "For 'all' + <more>"
languages = ["en", "es", "ar"]
page_size = 3
phone = "555 0134 x5"
email = "us+we@t.example"
[taxonomy.category]
values = ["food", "food/hot-meals", "transport", "care"]
`

// commons is the sample network with the theme commons.
func commons(t testing.TB) *build {
	t.Helper()
	in := Input{Content: os.DirFS("../content"), Theme: os.DirFS("../themes/commons"), Config: parseConfig(t, fastConfig), Now: testNow, Forms: true}
	b := New()
	mustBuild(t, b, in)
	return b.last
}

// bothWays renders by both paths, and fails where they differ or where the
// compiled path does not render what html/template does.
func bothWays(t testing.TB, s *set, layout, name string, data any) (out []byte) {
	t.Helper()
	want, err := s.slowly(nil, layout, name, data)
	got, ok := s.quickly(nil, layout, name, data)
	if err != nil && ok {
		t.Fatalf("%s %s: html/template says %v, but the compiled layout gave\n%s", layout, name, err, got)
	}
	if err == nil && !ok {
		t.Fatalf("%s %s: the compiled layout gave up on %T", layout, name, data)
	}
	if string(got) != string(want) {
		t.Fatalf("%s %s: %s", layout, name, firstDifference(string(got), string(want)))
	}
	return got
}

func firstDifference(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	around := func(s string) string { return s[max(0, i-60):min(len(s), i+60)] }
	return fmt.Sprintf("at byte %d: got %q, want %q", i, around(got), around(want))
}

func TestNothingOfCommonsIsLeft(t *testing.T) {
	n := commons(t)
	for layout := range n.theme.layouts {
		for _, s := range n.theme.sets {
			p, left := s.compile(layout, "layouts/site.html", reflect.TypeFor[*View]())
			if p == nil || len(left) > 0 {
				t.Errorf("%s: left to html/template: %q", layout, left)
			}
		}
	}
}

// TestBothPathsOnEveryPage holds every page of the sample network, in every
// language, as it is and by every other layout that can show it.
func TestBothPathsOnEveryPage(t *testing.T) {
	n := commons(t)
	for _, j := range n.index.jobs {
		v := *j.view
		v.shared = n.index.shared[j.li]
		if j.doc != nil {
			v.Body = template.HTML(j.doc.Body.fill(j.hrefs))
		}
		bothWays(t, n.theme.sets[j.li], v.Layout, "layouts/site.html", &v)
		for layout := range n.theme.layouts {
			s := n.theme.sets[j.li]
			want, err := s.slowly(nil, layout, "layouts/site.html", &v)
			got, ok := s.quickly(nil, layout, "layouts/site.html", &v)
			if ok && (err != nil || string(got) != string(want)) {
				t.Fatalf("%s by %s: %v: %s", j.path, layout, err, firstDifference(string(got), string(want)))
			}
		}
		for _, c := range v.Entries {
			bothWays(t, n.theme.sets[j.li], "page", "card", c)
		}
	}
}

func TestBothPathsOnForms(t *testing.T) {
	n := commons(t)
	for li, s := range n.theme.sets {
		for layout, views := range formViews(n.in.Config, "plain") {
			for _, form := range views {
				v := formFrame(n, li, layout)
				v.Form = form
				bothWays(t, s, layout, "layouts/site.html", v)
			}
		}
	}
}

func formFrame(n *build, li int, layout string) *View {
	lang := n.in.Config.Languages[li]
	return &View{Site: n.index.sites[li], Layout: layout, Lang: lang, Dir: langDir(lang), Title: "A form", NoIndex: true, Languages: n.index.homes[li], Nav: n.index.nav[li]}
}

// formViews are what the form handler gives to each layout, with one text in all places.
func formViews(cfg *site.Config, text string) map[string][]any {
	var fields []formhandler.FieldView
	var rows []formhandler.Row
	for _, k := range cfg.Kinds {
		for _, f := range k.Fields {
			fields = append(fields, formhandler.FieldView{Field: f, ID: "f-" + f.Name, Value: text, Values: []string{text, "yes"}, Error: text,
				Options: []formhandler.Option{{Value: text, Label: text}, {Value: "yes", Depth: 1, Selected: true}, {Value: "", Selected: true}}})
			rows = append(rows, formhandler.Row{Field: f, Text: []string{text, "yes", "no"}})
		}
	}
	own := &site.Field{Name: text, Label: site.Words{"": text, "en": text}, Hint: site.Words{"": text}, Type: "text"}
	fields = append(fields, formhandler.FieldView{Field: own, ID: text, Value: text}, formhandler.FieldView{Field: own})
	pairs := []formhandler.Pair{{Name: text, Value: text}, {}}
	card := template.HTML("<b>" + template.HTMLEscapeString(text) + "</b>")
	day := site.Date{Time: testNow}
	found := []*Card{{Header: &site.Header{Kind: "offer", Meta: site.Meta{Title: text, Date: day, Fields: map[string]any{"alert": text}}}, Href: text, Lang: "es", Dir: "ltr"}}
	return map[string][]any{
		"form": {
			&formhandler.FormView{Kind: "offer", Action: text, Public: fields, Private: fields, Carry: pairs, Trap: text, Errors: []formhandler.FieldError{{ID: text, Field: own, Text: text}, {ID: "x", Text: "form.errors"}}},
			&formhandler.FormView{Kind: "request", Public: fields}, formhandler.FormView{Kind: text},
		},
		"check":   {&formhandler.CheckView{Kind: "request", Action: text, Then: "check.send-more", Card: card, Public: rows, Private: rows, Carry: pairs}, &formhandler.CheckView{}},
		"receipt": {&formhandler.ReceiptView{Kind: "offer", Reference: text, Code: text, KeptUntil: day, Waiting: 3}, &formhandler.ReceiptView{Waiting: 1000}},
		"notice":  {&formhandler.NoticeView{Text: text, Words: text, Rows: rows, Carry: pairs, Retry: text}, &formhandler.NoticeView{}, formhandler.NoticeView{Text: "x"}},
		"search": {
			SearchPage{Action: text, Query: search.Query{Text: text, OpenNow: testNow}, Open: true, Asked: true, Results: found, Total: 2, Slips: []search.Slip{{Word: text, Taken: text}}, Pager: Pager{Newer: text, Older: text},
				Facets: []SearchFacet{{Taxonomy: "area", Options: []SearchOption{{text, text, 1, true}, {"b", "B", 0, false}}}}},
			&SearchPage{Data: text, Base: text, Count: 500, Starts: text, Stops: text, Words: text, Facets: []SearchFacet{{Taxonomy: "category"}}},
		},
	}
}

// FuzzHostileViews puts a hostile text into every string of a page's view.
func FuzzHostileViews(f *testing.F) {
	for _, s := range []string{
		"", "plain", `"'<>&+=` + "`", "a\x00b", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "http://x/?a=b&c=%zz%41 '()", "mailto:a+b@c", "tel:1", "a/b:c", "\xff\xfe\xc0\x80",
		"\u202e\u2066rtl\u2069", "שלום عربي", "\ufffd\ufdd0\uffff", "{{.}}", "<!--", "</title><script>", strings.Repeat("<&", 5000), "yes", "closed", "//evil", "#x", ":", "%", "\r\n\t",
	} {
		f.Add(s, uint(len(s)))
	}
	n := commons(f)
	f.Fuzz(func(t *testing.T, text string, choose uint) {
		j := n.index.jobs[choose%uint(len(n.index.jobs))]
		s := n.theme.sets[j.li]
		v := *j.view
		if j.doc != nil {
			v.Body = template.HTML(j.doc.Body.fill(j.hrefs))
		}
		h := hostile(reflect.ValueOf(v), text, choose, 0).Interface().(View)
		h.Form = v.Form
		layout := v.Layout
		bothPaths(t, s, layout, &h)
		h.Layout = layout // some parts ask for it
		bothPaths(t, s, layout, &h)
		for layout, views := range formViews(n.in.Config, text) {
			h := formFrame(n, j.li, layout)
			h.Form = views[choose%uint(len(views))]
			h.Title = text
			bothPaths(t, s, layout, h)
		}
	})
}

// bothPaths allows the compiled path to give up, never to differ.
func bothPaths(t testing.TB, s *set, layout string, v *View) {
	t.Helper()
	want, err := s.slowly(nil, layout, "layouts/site.html", v)
	for _, v := range []*View{v, unfilled(v)} {
		got, ok := s.quickly(nil, layout, "layouts/site.html", v)
		if ok && (err != nil || string(got) != string(want)) {
			t.Fatalf("%s: %v: %s", layout, err, firstDifference(string(got), string(want)))
		}
	}
}

// unfilled is a view before its body is made: half of it is to come into a hole.
func unfilled(v *View) *View {
	u, half := *v, len(v.Body)/2
	u.Body, u.body, u.fills = "", &Body{HTML: string(v.Body[:half]), Holes: []Hole{{At: half}}}, []string{string(v.Body[half:])}
	return &u
}

// hostile copies a value with a text in place of strings: of all, or of some.
func hostile(v reflect.Value, text string, choose uint, depth int) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.String:
		if choose%7 > 2 || uint(v.Len()+depth)%3 == choose%3 {
			c.SetString(text)
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					c.Field(i).Set(hostile(v.Field(i), text, choose+uint(i), depth+1))
				}
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(hostile(v.Elem(), text, choose, depth+1))
		}
	case reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(hostile(v.Index(i), text, choose, depth+1))
		}
	case reflect.Map:
		c.Set(reflect.MakeMap(v.Type()))
		for it := v.MapRange(); it.Next(); {
			c.SetMapIndex(it.Key(), hostile(it.Value(), text, choose, depth+1))
		}
	case reflect.Interface:
		if !v.IsNil() {
			c.Set(hostile(v.Elem(), text, choose, depth+1))
		}
	}
	return c
}

// TestBothPathsOnTemplates holds single constructs: those that are compiled, and
// those at the edge, which html/template must be left to.
func TestBothPathsOnTemplates(t *testing.T) {
	for _, body := range constructs {
		s := tinySet(t, body)
		for _, v := range tinyViews() {
			bothPaths(t, s, "page", v)
		}
	}
}

// tinySet is a theme whose only layout is body.
func tinySet(t testing.TB, body string) *set {
	t.Helper()
	cfg := parseConfig(t, fastConfig)
	th := newTheme(cfg, &tree{})
	th.words, th.hrefs["a.css"] = words{"en": {"k": "Words {0}", "n.one": "one", "n.other": "{0} many"}}, "/assets/a.css"
	base := template.New("").Funcs(th.funcs(0, nil))
	if _, err := base.New("layouts/site.html").Parse(body); err != nil {
		return nil
	}
	th.base, th.layouts = base, map[string]*template.Template{"page": template.New("layouts/page.html")}
	s := newSet(th, 0)
	in := &Input{Config: cfg}
	s.index.Store(&Index{in: in, asked: new(sync.Map)})
	return s
}

func tinyViews() []*View {
	h := &site.Header{Kind: "offer", Meta: site.Meta{Title: `T "<&`, Categories: []string{"a", "b<", "c"}, Date: site.Date{Time: testNow}, Fields: map[string]any{"state": "open", "standing": true, "phones": []string{"1", "2"}}}}
	sv := &SiteView{Title: "S&", Sections: map[string]string{"resources": "/r/?a&b"}, PhoneHref: "tel:1+2'", Phone: "1"}
	return []*View{
		{},
		{Site: sv, Page: h, Title: "<T>", URL: "https://x.example/a b?c=d&e='", Body: "<p>&amp;</p>", Nav: []NavLink{{Link: Link{Text: "a", Href: "javascript:x"}, Current: true}, {Link: Link{Text: "b", Count: 400}}}, Entries: []*Card{{Header: h, Href: "/x"}, {Header: h}, nil}, Pager: Pager{Number: 2, Total: 3}, Form: map[string]any{"a": 1, "b": "<", "c": nil, "d": []int{1, 2}, "n": (*Link)(nil)}},
		{Site: sv, Page: h, Entries: []*Card{{Header: h}}, Prev: &Link{Text: "p", Href: "x:y"}, Form: &Link{Text: "l", Count: 3}, Languages: []LangLink{{Code: "en"}}},
		{Site: sv, Form: "text", Crumbs: []Link{{}, {Text: "é\xff\x00"}}, Overdue: true},
		{Site: sv, Form: 7}, {Site: sv, Form: template.HTML("<b title='x'>")}, {Site: sv, Form: template.URL("javascript:1")}, {Site: sv, Form: []string{"x", "y"}}, {Site: sv, Form: time.Duration(3)}, {Site: sv, Form: h},
	}
}

var constructs = []string{
	`{{.Title}}|{{.Body}}|{{.Site.Title}}|{{.Page.Title}}|{{.Page.Str "state"}}`, `{{.Nope}}`, `{{.Form}}`, `{{.Form.a}}{{.Form.b}}{{.Form.c}}{{.Form.zz}}`, `{{.Form.Text}}`, `{{.Form.zz.y}}`,
	`{{$f := .Form}}{{$f.Errors}}{{$f}}`, `{{with .Form}}{{.}}{{else}}none{{end}}`, `{{with .Prev}}{{.Text}}{{else with .Next}}n{{else}}none{{end}}`, `{{if .Form}}y{{else if .Page}}p{{else}}n{{end}}`,
	`{{range .Nav}}{{.Text}} {{.Link.Href}} {{.Current}} {{.Count}}{{else}}none{{end}}`, `{{range $i, $n := .Nav}}{{$i}}{{$n.Text}}{{else}}{{$i}}none{{end}}`, `{{range $n := .Nav}}{{$n}}{{end}}`, `{{range .Entries}}{{.Title}}{{end}}`, `{{range .Entries}}{{if .}}{{.Href}}{{else}}nil{{end}}{{end}}`,
	`{{range .Form}}{{.}},{{end}}`, `{{range $k, $v := .Form}}{{$k}}={{$v}},{{end}}`, `{{range 3}}x{{.}}{{end}}`, `{{range .Site.Sections}}{{.}}{{end}}`, `{{range .Crumbs}}[{{.Text}}]{{break}}{{end}}`, `{{range $i, $c := .Nav}}{{if $i}}{{continue}}{{end}}{{$c.Text}}{{end}}`, `{{range .Nav}}{{with .Text}}{{if eq . "a"}}{{continue}}{{end}}{{break}}{{end}}{{end}}{{.Title}}`,
	`{{$x := 1}}{{if .Title}}{{$x = 2}}{{$y := 3}}{{$y}}{{end}}{{$x}}`, `{{$x := .Title}}{{range .Nav}}{{$x = .Text}}{{end}}{{$x}}`, `{{$x := .Title}}{{$x = 4}}{{$x}}`, `{{$i := 9}}{{range $i, $_ := .Nav}}{{$i}}{{end}}{{$i}}`, `{{$i := 9}}{{$n := 1}}{{range $i, $n = .Nav}}{{$i}}{{end}}{{$i}}{{$n}}`, `{{if $x := .Title}}{{$x}}{{else}}[{{$x}}]{{end}}`, `{{with $x := .Prev}}{{$x.Text}}{{.Href}}{{end}}`,
	`{{and .Title .URL}}|{{or .Title .URL "no"}}|{{and}}`, `{{or .Prev .Next}}`, `{{and .Nav (not .Overdue)}}`, `{{if and .Form .Form.a}}x{{end}}`, `{{not .Form}}{{not .Nav}}{{not .Page}}`, `{{if or (eq .Title "<T>") .Overdue}}y{{end}}`,
	`{{eq .Title "<T>" "x"}}{{ne .Title .URL}}{{eq .Pager.Number 2}}{{eq .Form 7}}{{eq .Form "text"}}`, `{{eq .Title 1}}`, `{{eq .Form .Form}}`, `{{eq .Overdue true}}`, `{{eq .Page nil}}`, `{{lt .Pager.Number 3}}{{le 1 1}}{{gt .Pager.Total 2}}{{ge "a" "b"}}{{lt "a" "b"}}`, `{{lt true false}}`, `{{lt .Form 8}}`, `{{eq 1.5 1.5}}`, `{{eq 'a' 97}}`, `{{eq -1 0x10}}`,
	`{{len .Nav}}{{len .Title}}{{len .Site.Sections}}`, `{{len .Form}}`, `{{len .Page}}`, `{{index .Nav 0}}`, `{{(index .Nav 1).Text}}`, `{{index .Site.Sections "resources"}}{{index .Site.Sections "x"}}`, `{{index .Form "a"}}{{index .Form "x"}}`, `{{index .Form 0}}`, `{{index .Page.Categories 1}}`, `{{index .Title 0}}`, `{{slice .Title 1 2}}`, `{{slice .Title 1}}`, `{{slice .Title 2 1}}`, `{{slice .Nav 1}}`,
	`{{printf "%s-%s" .Title .URL}}`, `{{printf "%d%%" .Pager.Number}}`, `{{printf "%v" .Nav}}`, `{{printf "%s" .Form}}`, `{{print 1 2 .Title}}`, `{{println .Title}}`, `{{.Title | printf "%s!"}}`, `{{.Title | len | printf "%03d"}}`, `{{html .Title}}`, `{{.Title | html}}`, `{{urlquery .Title}}`, `{{js .Title}}`, `{{call .Title}}`, `{{"x" | printf "%s%s" "y"}}`,
	`{{t "k" .Title}}{{t "n" .Pager.Number}}{{t "none"}}{{t .Title}}`, `{{t .Form}}`, `{{t}}`, `{{label "area" .Title}}{{label "area"}}`, `{{day .Page.Date}}{{iso .Page.Date}}{{daytime .Page.Updated}}`, `{{day .Form}}`, `{{range (list 1 "<" .Title)}}{{.}}{{end}}`, `{{(dict "a" .Title).a}}{{(dict "a" 1).b}}`, `{{dict "a"}}`, `{{dict 1 2}}`, `{{join .Page.Categories ", "}}`, `{{tel "555 x1"}}<a href="{{tel .Title}}">`, `{{asset "a.css"}}{{asset .Title}}`,
	`{{range .Page.List "phones"}}{{.}}{{end}}{{if .Page.Flag "standing"}}s{{end}}{{.Page.Num "x"}}`, `{{.Page.Str}}`, `{{.Page.Str 1}}`, `{{.Page.Title "x"}}`, `{{.Page.Day "d"}}`, `{{.Page.Date.IsZero}}{{not .Page.Date.IsZero}}`, `{{.Page.ReviewDue.IsZero}}`, `{{.Page.Date.Time.Year}}{{.Page.Date.Time}}`, `{{.Page.Meta.Str "state"}}`, `{{.Page.Meta}}`, `{{.Page}}`, `{{.Pager}}`, `{{.Page.Categories}}`,
	`<a href="{{.URL}}" title="{{.Title}}" class={{.Title}}>{{.URL}}</a>`, `<a href="/x?q={{.Title}}&r={{.URL}}#{{.Title}}">`, `<a href="mailto:{{.Title}}">`, `<a href="{{.Site.PhoneHref}}">{{.Site.PhoneHref}}</a>`, `<a href='{{.Form}}' title='{{.Form}}'>{{.Form}}</a>`, `<a href={{.URL}}>`, `<img srcset="{{.URL}} 2x">`, `<p style="color: {{.Title}}">`, `<script>var x = {{.Title}};</script>`, `<p {{.Title}}="x">`, `<title>{{.Title}}{{.Body}}</title>`, `<textarea>{{.Form}}</textarea>`, `<!-- {{.Title}} -->x`, `<p title="{{.Body}}">`, `<p onclick="f({{.Title}})">`, `<meta http-equiv="refresh" content="{{.URL}}">`, `<a href="{{if .Title}}/a{{else}}?b{{end}}{{.URL}}">`, `<p id="f-{{.Title}}" hidden={{.Overdue}}>`,
	`{{define "x"}}{{.}}{{end}}<p title="{{template "x" .Title}}">{{template "x" .Title}}<a href="{{template "x" .URL}}">`, `{{define "x"}} lang="{{.Lang}}"{{template "y" .}}{{end}}{{define "y"}} dir="{{.Dir}}"{{end}}<p{{template "x" .}}>{{template "y" .}}`, `{{define "r"}}{{if .}}{{template "r" (slice . 1)}}{{end}}x{{end}}{{template "r" .Title}}`, `{{define "r"}}{{template "r" .}}{{end}}{{if .Overdue}}{{template "r" .}}{{end}}`, `{{define "x"}}{{$}}{{.}}{{end}}{{template "x"}}`, `{{define "x"}}{{range .}}{{$}}{{end}}{{end}}{{template "x" .Page.Categories}}`, `{{template "none" .}}`, `{{block "b" .Nav}}{{len .}}{{end}}`, `{{define "x"}}{{.a}}{{.b}}{{.c.d}}{{end}}{{template "x" (dict "a" .Title "b" .Nav)}}`,
	`{{.Body}}`, `{{with .Body}}{{.}}{{end}}`, `{{if .Body}}b{{else}}e{{end}}`, `{{len .Body}}`, `{{printf "%s" .Body}}`, `{{$x := .}}{{$x.Body}}`, `<a title="{{.Body}}">`, `{{(dict "a" .).a.Body}}`, `{{(or .Form .).Body}}`, `{{(or . .Form).Body}}`, `{{$x := 1}}{{$x = .}}{{$x.Body}}`, `{{with $.Body}}{{len .}}{{end}}{{.Body}}`, `{{print .Body .}}`,
	`{{/* c */}}{{- .Title -}} x`, `{{nil}}`, `{{1}}{{1.5}}{{'a'}}{{0x1F}}{{1i}}{{true}}{{"q\""}}`, `{{.}}`, `{{$}}`, `{{$.Title}}{{with .Page}}{{$.Title}}{{.Title}}{{end}}`, `{{(.Page).Title}}{{(and .Page .Page).Title}}`, `{{.Changed.When}}{{.Changed.Who}}`, `<p title="{{"a b"}}">{{"<"}}`, `{{with "x"}}{{.}}{{end}}`, `{{if ""}}{{else}}e{{end}}`, `{{range .Page.Aliases}}x{{else}}e{{end}}`, `{{"a" | t}}`, `{{.Page.Categories | len}}`, `{{"state" | .Page.Str}}`,
}

func FuzzFillWords(f *testing.F) {
	f.Add("{0} of {1}, {2} {00} {-1} {{0}} {0", "{1}", "b")
	f.Fuzz(func(t *testing.T, s, a, b string) {
		want := strings.NewReplacer("{0}", a, "{1}", b).Replace(s)
		if got := fillWords(s, []any{a, b}); got != want {
			t.Fatalf("fillWords(%q) = %q, want %q", s, got, want)
		}
	})
}
