package builder

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/site"
)

// Now decides what is shown, and NextChange says when to build again.
func TestNow(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{
		"news/soon.md":     "+++\ntitle = \"Soon\"\npublish_from = 2026-11-24\n+++\n",
		"news/gone.md":     "+++\ntitle = \"Gone\"\nexpires = 2026-11-24\n+++\n",
		"news/draft.md":    "+++\ntitle = \"Draft\"\ndraft = true\n+++\n",
		"resources/r.md":   "+++\ntitle = \"R\"\nclosed_until = 2026-11-26\nassured_date = 2026-06-01\n+++\n",
		"events/e.md":      "+++\ntitle = \"E\"\nstart = 2026-11-27T10:00:00\n+++\n",
		"procedures/p.md":  "+++\ntitle = \"P\"\nreviewed = 2026-11-01\nreview_every = \"4 weeks\"\n+++\n",
		"news/later/pic.x": "bytes",
	})
	b := New()
	for _, step := range []struct {
		now, next          string
		soon, gone         bool
		closed, event      bool
		overdueR, overdueP bool
	}{
		{"2026-11-23T12:00:00Z", "2026-11-24T00:00:00Z", false, true, true, true, false, false},
		{"2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", true, true, true, true, false, false},
		{"2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z", true, false, true, true, false, false},
		{"2026-11-26T00:00:00Z", "2026-11-27T10:00:00Z", true, false, false, true, false, false},
		{"2026-11-27T10:00:00Z", "2026-11-28T00:00:00Z", true, false, false, false, false, false},
		{"2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", true, false, false, false, true, false},
		{"2026-11-29T00:00:00Z", "0001-01-01T00:00:00Z", true, false, false, false, true, true},
	} {
		in.Now, _ = time.Parse(time.RFC3339, step.now)
		r := mustBuild(t, b, in)
		if got := r.NextChange.UTC().Format(time.RFC3339); got != step.next {
			t.Errorf("at %s the next change is %s, want %s", step.now, got, step.next)
		}
		is := func(what string, got, want bool) {
			if got != want {
				t.Errorf("at %s %s is %t", step.now, what, got)
			}
		}
		_, _, soon := r.Lookup("/news/soon/")
		_, _, gone := r.Lookup("/news/gone/")
		_, _, draft := r.Lookup("/news/draft/")
		is("soon", soon, step.soon)
		is("gone", gone, step.gone)
		is("draft", draft, false)
		is("closed", strings.Contains(file(t, r, "/resources/"), "0 closed"), step.closed)
		is("event", strings.Contains(file(t, r, "/"), "event <article>"), step.event)
		is("overdue resource", strings.Contains(file(t, r, "/resources/r/"), "overdue"), step.overdueR)
		is("overdue procedure", strings.Contains(file(t, r, "/procedures/p/"), "overdue"), step.overdueP)
	}
	in.Drafts = true
	file(t, mustBuild(t, b, in), "/news/draft/")
}

// A broken template names its place, and leaves the site that was built before.
func TestBrokenTheme(t *testing.T) {
	good := input(t, tinyConfig, map[string]string{"a.md": titled("a")})
	for name, c := range map[string]struct{ path, text, want string }{
		"syntax":  {"layouts/page.html", "{{define \"main\"}}\n{{if}}{{end}}{{end}}", "themes/commons/layouts/page.html:2: missing value for if"},
		"field":   {"layouts/page.html", "{{define \"main\"}}\n {{.Wrong}}{{end}}", "themes/commons/layouts/page.html:2:3: executing \"main\" at <.Wrong>: can't evaluate field Wrong"},
		"context": {"layouts/page.html", "{{define \"main\"}}<a href='{{if .Title}}'{{end}}>{{end}}", "themes/commons/layouts/page.html:1:"},
		"partial": {"partials/x.html", "{{define \"x\"}}", "themes/commons/partials/x.html:1: unexpected EOF"},
		"none":    {"layouts/page.html", "", "themes/commons: the theme has no"},
	} {
		t.Run(name, func(t *testing.T) {
			b := New()
			before := mustBuild(t, b, good)
			theme := testTheme(t)
			theme[c.path] = c.text
			if c.text == "" {
				delete(theme, c.path)
			}
			bad := good
			bad.Theme = folder(theme)
			_, err := b.Build(context.Background(), bad)
			var f *Failed
			if !errors.As(err, &f) || !strings.HasPrefix(err.Error(), c.want) || f.Hint() == "" {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			var out bytes.Buffer
			if err := b.Render(&out, "en", "form", "about", struct{ Kind string }{"offer"}); err != nil {
				t.Errorf("the old templates do not answer: %v", err)
			}
			if d := difference(before, mustBuild(t, b, good)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestThemeProblems(t *testing.T) {
	theme := testTheme(t)
	theme["layouts/page.html"] += "\n{{define \"more\"}}{{t \"nothing.of.it\"}} {{with .Title}}{{asset \"none.css\"}}{{end}}{{end}}"
	theme["strings/es.toml"] = "about ="
	in := input(t, tinyConfig, nil)
	in.Theme = folder(theme)
	got := problems(mustBuild(t, New(), in))
	for _, want := range []string{`layouts/page.html:9:20: there are no words for "nothing.of.it"`, `layouts/page.html:9:57: there is no file "none.css"`, "strings/es.toml: "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestWords(t *testing.T) {
	w := words{
		"en": {"n.one": "{0} day", "n.other": "{0} days", "x": "{1} and {0}"},
		"ar": {"n.zero": "0", "n.one": "1", "n.two": "2", "n.few": "few", "n.many": "many", "n.other": "other"},
	}
	for _, c := range []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "n", []any{1}, "1 day"}, {"en", "n", []any{5}, "5 days"}, {"es", "n", []any{0}, "0 days"},
		{"ar", "n", []any{0}, "0"}, {"ar", "n", []any{2}, "2"}, {"ar", "n", []any{103}, "few"}, {"ar", "n", []any{11}, "many"}, {"ar", "n", []any{100}, "other"},
		{"en", "n", []any{1250}, "1,250 days"}, {"en", "x", []any{"2026", 1250000}, "1,250,000 and 2026"},
		{"en", "x", []any{"{1}", "b"}, "b and {1}"}, {"en", "missing", nil, "missing"},
	} {
		if got := w.say([]string{c.lang, "en"}, c.key, c.args...); got != c.want {
			t.Errorf("%s %s %v: got %q, want %q", c.lang, c.key, c.args, got, c.want)
		}
	}
}

// TestNumbers: what a number looks like is told by its language, but for the digits.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		lang string
		n    float64
		want string
	}{
		{"en", 999, "999"}, {"en", 1250, "1,250"}, {"en", -1250000.5, "-1,250,000.5"}, {"es", 1250, "1.250"}, {"es", 0.5, "0,5"},
		{"ar", 1250, "1,250"}, {"fa", 12, "12"}, {"fr", 12500, "12\u00a0500"}, {"zh-TW", 12500, "12,500"}, {"no such", 1250, "1,250"},
	} {
		if got := number(c.lang, c.n); got != c.want {
			t.Errorf("%s %v: got %q, want %q", c.lang, c.n, got, c.want)
		}
	}
	var w words
	for kind, want := range map[site.Type]string{site.Number: "1.250,5", site.Day: "3 de noviembre de 2026", site.Text: "1250.5"} {
		text := map[site.Type]string{site.Day: "2026-11-03"}[kind]
		if got := w.optionLabel([]string{"es"}, &site.Field{Type: kind}, cmp.Or(text, "1250.5"), time.UTC); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ date, lang, day, daytime string }{
		{"2026-11-03", "en", "November 3, 2026", "November 3, 2026"},
		{"2026-11-03T17:05:00", "es", "3 de noviembre de 2026", "3 de noviembre de 2026, 17:05"},
		{"2026-11-03T02:00:00Z", "en", "November 2, 2026", "November 2, 2026, 9:00\u00a0pm"},
		{"2026-11-03T08:00:00", "ar", "3 نوفمبر 2026", "3 نوفمبر 2026، 08:00"},
		{"2026-11-03T08:00:00", "ru", "3 ноября 2026 г.", "3 ноября 2026 г., 08:00"},
		{"2026-11-03", "zh-TW", "2026年11月3日", "2026年11月3日"},
		{"2026-11-03", "vi", "3 tháng 11, 2026", "3 tháng 11, 2026"},
		{"2026-11-03T08:00:00", "so", "2026-11-03", "2026-11-03, 08:00"},
	} {
		d, err := site.ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := day(c.lang, d, loc); got != c.day {
			t.Errorf("day %s %s: %q", c.lang, c.date, got)
		}
		if got := daytime(c.lang, d, loc); got != c.daytime {
			t.Errorf("daytime %s %s: %q", c.lang, c.date, got)
		}
	}
	for lang, words := range dateWords {
		if len(words) != 12 {
			t.Errorf("%s has %d months", lang, len(words))
		}
	}
	if d := (site.Date{Time: testNow}); month("pl", d, loc) != "listopad 2026" || month("so", d, loc) != "2026-11" || month("en", site.Date{}, loc) != "" {
		t.Errorf("months: %q %q", month("pl", d, loc), month("so", d, loc))
	}
	if day("en", site.Date{}, loc) != "" || daytime("ar", site.Date{}, loc) != "" || iso(site.Date{}) != "" {
		t.Error("no date is not empty")
	}
}

// The handler's pages come from the last good build, also while Build runs.
func TestRender(t *testing.T) {
	b := New()
	var out bytes.Buffer
	if err := b.Render(&out, "en", "form", "about", nil); err == nil {
		t.Error("a page before the first build")
	}
	w := newWorld(t, 5)
	in := w.input(t)
	mustBuild(t, b, in)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				var out bytes.Buffer
				if err := b.Render(&out, "es", "form", "about", struct{ Kind string }{"<offer>"}); err != nil || !strings.Contains(out.String(), "<h1>Quiénes somos</h1>") || !strings.Contains(out.String(), "&lt;offer&gt;") {
					t.Errorf("%v: %s", err, out.String())
					return
				}
			}
		})
	}
	for range 20 {
		w.content[w.path()] = w.page()
		mustBuild(t, b, w.input(t))
	}
	wg.Wait()
}

func TestCard(t *testing.T) {
	b := New()
	in := input(t, tinyConfig, nil)
	mustBuild(t, b, in)
	pl, err := in.Config.PlaceOf("offers/2026/11/x.md")
	if err != nil {
		t.Fatal(err)
	}
	p := &site.Page{Place: pl, Kind: "offer", Body: "I *drive*. <script>x</script> ![p](http://e/x.png) [l](http://e/)\n"}
	p.Title = "<b>"
	got, err := b.Card("en", p)
	if err != nil || !strings.Contains(string(got), "&lt;b&gt;") || !strings.Contains(string(got), "<em>drive</em>. &lt;script&gt;") ||
		!strings.Contains(string(got), `<a href="http://e/" rel="nofollow ugc">`) || strings.Contains(string(got), "<img") {
		t.Errorf("%v: %s", err, got)
	}
}

func TestLookup(t *testing.T) {
	r := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled("a"), "b/c.pdf": "pdf", "news/n.md": "+++\ntitle = \"N\"\ndate = 2026-01-01\n+++\n"}))
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/a/": "text/html; charset=utf-8", "/b/c.pdf": "application/pdf", "/feed.xml": "application/atom+xml; charset=utf-8",
		"/a": "", "/a/index.html": "text/html; charset=utf-8", "/../a/": "", "/sitemap.xml": "application/xml; charset=utf-8",
	} {
		if _, got, _ := r.Lookup(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestExtraAndHistory(t *testing.T) {
	in := input(t, tinyConfig, map[string]string{"a.md": titled("[x](/data/x.json) [robots](/robots.txt)")})
	in.Extra = map[string][]byte{"data/x.json": []byte("{}"), "robots.txt": []byte("mine")}
	in.History = map[string][]Change{"a.md": {{When: testNow.AddDate(0, 0, -3)}}}
	r := mustBuild(t, New(), in)
	if file(t, r, "/data/x.json") != "{}" || file(t, r, "/robots.txt") == "mine" || !strings.Contains(problems(r), "robots.txt: potluck makes a file of this name itself") {
		t.Error(problems(r))
	}
	if !strings.Contains(file(t, r, "/sitemap.xml"), "<lastmod>2026-11-20</lastmod>") {
		t.Error(file(t, r, "/sitemap.xml"))
	}
}

func TestWrite(t *testing.T) {
	out := filepath.Join(t.TempDir(), "public")
	b := New()
	in := input(t, tinyConfig, map[string]string{"a.md": titled("a"), "b/c.md": titled("c")})
	r := mustBuild(t, b, in)
	if ch, err := Write(out, r); err != nil || ch.Written != len(r.Files) {
		t.Fatal(ch, err)
	}
	// A file that someone damaged comes back; one that is withdrawn goes, with its folder.
	if err := os.Remove(filepath.Join(out, "a/index.html")); err != nil {
		t.Fatal(err)
	}
	in.Content = folder(map[string]string{"a.md": titled("a")})
	r = mustBuild(t, b, in)
	ch, err := Write(out, r)
	if err != nil || ch.Removed != 1 {
		t.Fatal(ch, err)
	}
	if _, err := os.Stat(filepath.Join(out, "b")); !os.IsNotExist(err) {
		t.Error("the folder b is still there")
	}
	if _, err := os.Stat(filepath.Join(out, "a/index.html")); err != nil {
		t.Error(err)
	}
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	r := mustBuild(t, New(), input(t, tinyConfig, map[string]string{"a.md": titled("a")}))
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Write(dir, r)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Hint() == "" || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("got %v", err)
	}
	// A link out of the folder is not followed.
	out, outside := t.TempDir(), t.TempDir()
	if _, err := Write(out, r); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(out, "a")), os.Symlink(outside, filepath.Join(out, "a"))); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(out, r); err == nil {
		t.Error("wrote through a link")
	}
	if entries, _ := os.ReadDir(outside); len(entries) > 0 {
		t.Error("wrote outside")
	}
}

var href = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// The starter network builds with the theme commons without a problem, and no
// link of any of its pages leads nowhere.
func TestCommons(t *testing.T) {
	src, err := os.ReadFile("../site.toml")
	if err != nil {
		t.Skip(err)
	}
	cfg := parseConfig(t, string(src))
	r := mustBuild(t, New(), Input{Content: os.DirFS("../content"), Theme: os.DirFS("../themes/commons"), Config: cfg, Now: time.Now(), Forms: true})
	if len(r.Problems) > 0 {
		t.Error(problems(r))
	}
	checkLinks(t, r, cfg)
}

// A network may have one page of each kind and no other, in one of its languages:
// no page of the theme leads to what is not there.
func TestCommonsAlone(t *testing.T) {
	cfg := parseConfig(t, "title = \"T\"\nbase_url = \"https://t.example/net/\"\nlanguages = [\"en\", \"es\", \"ar\"]\n[outputs]\nhistory = true\nfacet_pairs = true\n")
	content, past := map[string]string{}, map[string][]Change{}
	for i, k := range cfg.Kinds {
		p := strings.TrimPrefix(k.Folder+"/one"+[]string{".md", ".es.md", ".ar.md"}[i%3], "/")
		content[p] = "+++\ntitle = \"One\"\ndate = 2026-11-02\ncategories = [\"food\"]\nareas = [\"north\"]\nlang = \"ar\"\n+++\n\n## Part\n\n| a |\n|---|\n| b |\n"
		past[p] = []Change{{testNow, "June", "Why"}}
	}
	for _, forms := range []bool{true, false} {
		r := mustBuild(t, New(), Input{Content: folder(content), Theme: os.DirFS("../themes/commons"), Config: cfg, Now: testNow, Forms: forms, History: past})
		if len(r.Problems) > 0 {
			t.Error(problems(r))
		}
		checkLinks(t, r, cfg)
		for _, k := range cfg.Kinds {
			list := "/" + k.Folder + "/"
			if k.Folder != "" && !strings.Contains(file(t, r, list), "One") {
				t.Errorf("%s does not list its page", list)
			}
		}
	}
}

func checkLinks(t *testing.T, r *Result, cfg *site.Config) {
	t.Helper()
	for _, f := range r.Files {
		if !strings.HasSuffix(f.Path, ".html") {
			continue
		}
		if n := bytes.Count(f.Data, []byte("<h1")); n != 1 {
			t.Errorf("%s has %d h1", f.Path, n)
		}
		for _, m := range href.FindAllSubmatch(f.Data, -1) {
			p, ok := strings.CutPrefix(string(m[1]), cfg.BasePath+"/")
			p, _ = cutPath(unescapePath(p))
			if _, _, found := r.Lookup(p); ok && !found && !strings.HasPrefix(p, "forms/") && !strings.HasPrefix(p, "mine") && !strings.HasPrefix(p, "search") && !strings.HasPrefix(p, "desk") {
				t.Errorf("%s: nothing is at %s", f.Path, m[1])
			}
		}
	}
}
