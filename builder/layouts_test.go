package builder

import (
	"os"
	"strings"
	"testing"
	"time"

	"potluck/formhandler"
	"potluck/internal/intake"
	"potluck/internal/site"
)

// fullHeader is a page of a kind with a value in each of its public fields.
func fullHeader(k *site.Kind) *site.Header {
	day := site.Date{Time: testNow, Form: site.InstantForm}
	h := &site.Header{Kind: k.Name, Place: site.Place{Lang: "en", Key: k.Folder + "/x", Path: k.Folder + "/x.md", URL: "/" + k.Folder + "/x/"}, Words: 50,
		Headings: []site.Heading{{Level: 2, ID: "one", Text: "One"}, {Level: 2, ID: "two", Text: "Two"}, {Level: 3, ID: "three", Text: "Three"}}}
	h.Meta = site.Meta{Title: "A title & more", Summary: "In short", Date: day, Updated: day, Expires: day, Categories: []string{"food/hot-meals", "no-such"},
		Areas: []string{"north"}, Languages: []string{"en", "ar"}, Weight: 3, Fields: map[string]any{}}
	for _, f := range k.Fields {
		if f.Class == site.Public {
			h.Fields[f.Name] = valueOf(f, day)
		}
	}
	return h
}

func valueOf(f *site.Field, day site.Date) any {
	switch f.Type {
	case site.Choice:
		return f.Options[len(f.Options)-1]
	case site.Choices, site.List, site.Phones:
		return []string{"+1 555 0134", "two"}
	case site.Day:
		return day
	case site.Number:
		return 2.5
	case site.YesNo:
		return true
	case site.Hours:
		return "Mo-Fr 09:00-17:00; PH off"
	}
	if f.Name == "review_every" {
		return "3 months"
	}
	return "words"
}

// layoutViews are all sorts of views that a page can have: of every kind, with all
// there can be and with next to nothing.
func layoutViews(n *build) map[string]*View {
	views := map[string]*View{}
	link := &Link{Text: "A link", Href: "/x/", Lang: "ar", Dir: "rtl", Count: 2}
	for _, k := range n.in.Config.Kinds {
		full, bare := formFrame(n, 0, ""), formFrame(n, 2, "")
		h := fullHeader(k)
		card := &Card{Header: h, Href: h.URL, Lang: "ar", Dir: "rtl", Now: "closed"}
		full.Page, full.Title, full.Body, full.Contents, full.State, full.Overdue, full.Leave = h, h.Title, "<p>words</p>", h.Headings, "closed", true, true
		full.URL, full.Feed, full.JSONFeed, full.Calendar, full.Tongue, full.TongueDir = "https://t.example/net/poster/", "/f", "/j", "/c", "ar", "rtl"
		full.Prev, full.Next, full.Related, full.Backlinks, full.Crumbs = link, link, []Link{*link}, []Link{*link}, []Link{*link}
		full.Changed = Change{When: testNow, Who: "June", Why: "why"}
		full.Entries, full.Needs, full.Offers, full.Events, full.News = []*Card{card}, []*Card{card}, []*Card{card}, []*Card{card}, []*Card{card}
		full.Groups, full.Term, full.Terms = []Facet{{Taxonomy: "area", Terms: []Link{*link}}}, link, []Link{*link}
		full.Pager = Pager{Number: 2, Total: 3, Newer: "/1", Older: "/3", First: "/1", Last: "/3"}
		full.Map = &Map{Width: 10, Height: 10, Numbered: true, Areas: []MapArea{{Link: *link, Path: "M0 0", Lines: []string{"A", "link"}}}, Ground: []MapLine{{"water", true, "M0 0"}},
			Groups: []MapGroup{{Link: *link, Places: []MapPlace{{Card: card, Number: 1}}}, {Places: []MapPlace{{Card: card, Number: 2}}}}}
		full.QR, full.Chapters = "<svg></svg>", []Chapter{{Card: card, ID: "c", Body: "<p>words</p>"}}
		bare.Page = &site.Header{Kind: k.Name, Meta: site.Meta{Title: "Only a title"}}
		bare.URL, bare.Map = full.URL, &Map{}
		views[k.Name+", full"], views[k.Name+", bare"] = full, bare
	}
	return views
}

// handlerViews adds to formViews the layouts that a code opens.
func handlerViews(n *build) map[string][]any {
	views := formViews(n.in.Config, "words")
	day := site.Date{Time: testNow.Add(time.Hour)}
	field := n.in.Config.Kind("request").Field("contact")
	rows := []formhandler.Row{{Field: field, Text: []string{"one", "two"}}}
	full := formhandler.StatusView{Kind: "request", Action: "/mine/", Reference: "R", Title: "T", State: "open", Did: "mine.did-renew", Href: "/x/", Published: true, Changed: true,
		Until: day, KeptUntil: day, Talk: []intake.Talk{{Question: "Q", Answer: "A"}}, Private: rows, Can: map[string]bool{"answer": true, "correct": true, "renew": true, "close": true, "withdraw": true, "erase": true}}
	closed := formhandler.StatusView{State: "closed", Reason: "declined"}
	views["mine"] = []any{formhandler.CodeView{Action: "/mine/"}, formhandler.CodeView{Error: "mine.error-code"}}
	views["status"] = []any{full, closed, formhandler.StatusView{State: "purged", Published: true}}
	views["erase"] = []any{full, closed}
	views["correct"] = views["form"]
	return views
}

// TestEveryLayoutTakesEveryKind: a page is never lost because its kind has no layout
// of its own, a field is empty, or a network gave it another layout.
func TestEveryLayoutTakesEveryKind(t *testing.T) {
	n := commons(t)
	forms, views := handlerViews(n), layoutViews(n)
	for layout := range n.theme.layouts {
		if layout == "site" || strings.HasPrefix(layout, "desk") {
			continue // the frame of all; the desk's own pages have their own tests
		}
		for name, v := range views {
			v.Layout = layout
			if form, ok := forms[layout]; ok {
				for _, v.Form = range form {
					executes(t, n, layout, name, v)
				}
				v.Form = nil
				continue
			}
			executes(t, n, layout, name, v)
		}
	}
}

func executes(t *testing.T, n *build, layout, name string, v *View) {
	t.Helper()
	if out, err := n.theme.sets[0].execute(nil, layout, "layouts/site.html", v); err != nil || !strings.Contains(string(out), "</html>") {
		t.Errorf("layout %s with %s, %T: %v", layout, name, v.Form, err)
	}
}

// Every word that a layout asks for by its key is there: a key on a page is a mistake.
func TestNoKeysOnPages(t *testing.T) {
	n := commons(t)
	src, err := os.ReadFile("../themes/commons/strings/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	known, err := site.ParseStrings(src)
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]bool{}
	for key := range known {
		head, _, _ := strings.Cut(key, ".")
		heads[head] = true
	}
	for name, v := range layoutViews(n) {
		for layout := range n.theme.layouts {
			if n.in.Config.Kind(layout) != nil && layout != n.theme.layout(v.Page.Kind) {
				continue // another kind's own layout
			}
			v.Layout = layout
			out, err := n.theme.sets[0].execute(nil, layout, "layouts/site.html", v)
			if err != nil {
				continue // TestEveryLayoutTakesEveryKind tells
			}
			for _, word := range strings.FieldsFunc(string(out), func(r rune) bool { return strings.ContainsRune("<>\" \n(),:", r) }) {
				head, tail, dotted := strings.Cut(word, ".")
				if dotted && heads[head] && tail != "" && !strings.Contains(tail, "/") && word != "page.html" && !strings.HasSuffix(word, ".") {
					t.Errorf("%s with %s shows the key %s", layout, name, word)
				}
			}
		}
	}
}

// The living page of the theme is there while drafts are shown, and never published.
func TestStyleguideIsADraft(t *testing.T) {
	in := Input{Content: os.DirFS("../content"), Theme: os.DirFS("../themes/commons"), Config: parseConfig(t, fastConfig), Now: testNow}
	if _, _, ok := mustBuild(t, New(), in).Lookup("/styleguide/"); ok {
		t.Error("it is published")
	}
	in.Drafts = true
	page := file(t, mustBuild(t, New(), in), "/styleguide/")
	for _, part := range []string{`class="card request"`, `class="tag today"`, `class="facets"`, `class="notice warn"`, `class="steps"`, `class="timeline"`, `id="sample-contact-error"`, `class="pager"`, "noindex"} {
		if !strings.Contains(page, part) {
			t.Errorf("it does not show %s", part)
		}
	}
}

// A lean style sheet says the same.
func TestLeanCSS(t *testing.T) {
	for src, want := range map[string]string{
		"/* a */\n\n\ta { b: c; }\n\t\t\n": "a { b: c; }\n",
		"a/**/b{}":                         "a b{}",
		`a::after { content: "/* no */  \" /*"; } /* x */` + "\n  b{}": `a::after { content: "/* no */  \" /*"; }  ` + "\nb{}",
		"a { content: '\\'' } /* never ended":                          "a { content: '\\'' } ",
		"url(//x/y)":                                                   "url(//x/y)",
	} {
		if got := string(leanCSS([]byte(src))); got != want {
			t.Errorf("%q\nbecame %q\nwant   %q", src, got, want)
		}
	}
}
