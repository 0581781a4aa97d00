package intake_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
)

// headers reads pages of a network from their front matter, by path.
func headers(t testing.TB, c *site.Config, pages map[string]string) (all []*site.Header) {
	t.Helper()
	for path, head := range pages {
		pl, err := c.PlaceOf(path)
		if err != nil {
			t.Fatal(err)
		}
		p, problems := site.Parse(c, pl, []byte("+++\n"+head+"\n+++\n"))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		all = append(all, &site.Header{Place: p.Place, Kind: p.Kind, Meta: p.Meta})
	}
	slices.SortFunc(all, func(a, b *site.Header) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// TestLookAgain: the never looked at, then the oldest; the day itself counts.
func TestLookAgain(t *testing.T) {
	b := newBench(t)
	pages := headers(t, b.cfg, map[string]string{
		"resources/fresh.md": "title = \"a\"\nassured_date = 2026-06-02", "resources/due.md": "title = \"a\"\nassured_date = 2026-05-27",
		"resources/never.md": "title = \"a\"", "procedures/rides.md": "title = \"a\"\nreviewed = 2026-01-01\nreview_every = \"3 months\"",
		"procedures/always.md": "title = \"a\"\nreviewed = 2020-01-01", "offers/2026/11/standing.md": "title = \"a\"\nstanding = true\nstate = \"open\"\nassured_date = 2025-01-01",
		"offers/2026/11/once.md": "title = \"a\"\nstate = \"open\"", "offers/2026/11/over.md": "title = \"a\"\nstanding = true\nstate = \"closed\"",
	})
	for days, want := range map[int]string{
		0: "resources/never.md offers/2026/11/standing.md procedures/rides.md resources/due.md", 900: "resources/never.md procedures/rides.md",
	} {
		var got []string
		for _, st := range intake.LookAgain(pages, days, b.now, b.cfg.Location) {
			got = append(got, st.Page.Path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d days: %v", days, got)
		}
	}
}

// TestGaps: a request that nothing answers is a gap; help of a wider kind, or that names no
// place and no language, answers it.
func TestGaps(t *testing.T) {
	b := newBench(t)
	area := b.cfg.Taxonomy["area"]
	area.All, area.Values = "all", append(area.Values, "all")
	base := map[string]string{
		"requests/2026/11/a.md": "title = \"a\"\nstate = \"open\"\ncategories = [\"transport/rides\"]\nareas = [\"harbor\"]\nlanguages = [\"es\"]",
		"requests/2026/11/b.md": "title = \"b\"\nstate = \"open\"\ncategories = [\"transport/rides\"]\nareas = [\"harbor\", \"old-mill\"]\nlanguages = [\"es\"]",
		"requests/2026/11/c.md": "title = \"c\"\nstate = \"closed\"\ncategories = [\"food\"]",
	}
	for help, want := range map[string]string{
		"": "transport/rides harbor es 2 0, transport/rides old-mill es 1 0",
		"categories = [\"transport\"]\nareas = [\"harbor\"]":                               "transport/rides old-mill es 1 1",
		"categories = [\"transport/rides\"]":                                               "",
		"categories = [\"transport/rides\"]\nlanguages = [\"en\"]":                         "transport/rides harbor es 2 1, transport/rides old-mill es 1 1",
		"categories = [\"transport\"]\nareas = [\"all\"]":                                  "",
		"categories = [\"food\"]":                                                          "transport/rides harbor es 2 0, transport/rides old-mill es 1 0",
		"categories = [\"transport/rides\"]\nareas = [\"old-mill\"]\nlanguages = [\"es\"]": "transport/rides harbor es 2 1",
	} {
		files := maps.Clone(base)
		if help != "" {
			files["resources/help.md"] = "title = \"h\"\n" + help
		}
		var got []string
		for _, g := range intake.Gaps(b.cfg, headers(t, b.cfg, files)) {
			got = append(got, fmt.Sprintf("%s %s %s %d %d", g.Category, g.Area, g.Language, len(g.Requests), g.Elsewhere))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %q, not %q", help, got, want)
		}
	}
}

// TestAlike: what may be there twice is found once, and nothing else.
func TestAlike(t *testing.T) {
	b := newBench(t)
	long := "Bread and vegetables on Tuesdays and Fridays from ten until one at the side door of the old mill building"
	pages := headers(t, b.cfg, map[string]string{
		"resources/a.md": "title = \"Old Mill Pantry\"\nphones = [\"+1 555 0101\"]\nsummary = \"" + long + "\"",
		"resources/b.md": "title = \"Old  mill pantry\"", "resources/c.md": "title = \"Bread\"\nphones = [\"1-555-0101\"]",
		"resources/d.md": "title = \"The mill\"\nsummary = \"" + long + "s\"", "resources/e.md": "title = \"Bread\"\nphones = [\"911\"]", "resources/f.md": "title = \"Soup\"\nphones = [\"911\"]",
		"requests/2026/11/a.md": "title = \"Old Mill Pantry\"\nstate = \"open\"", "resources/a.es.md": "title = \"Old Mill Pantry\"",
	})
	var got []string
	for _, tw := range b.Alike(pages) {
		got = append(got, tw.A.Path+" "+tw.B.Path+" "+tw.Why)
	}
	if want := "resources/a.md resources/b.md title, resources/a.md resources/c.md phone, resources/a.md resources/d.md words"; strings.Join(got, ", ") != want {
		t.Errorf("%q", got)
	}
}

// TestSameContact: items with one contact are named together, in whatever way it was typed;
// without a key nothing is.
func TestSameContact(t *testing.T) {
	b := newBench(t)
	refs := map[string]string{}
	for title, contact := range map[string]string{"A": "555 014 2777", "B": "(555) 014-2777, evenings", "C": "sam@example.org", "D": "Sam@Example.org", "E": "555 014 2778"} {
		v := request(title)
		v["contact"] = []string{contact}
		r, err := b.Submit(b.draft(t, "request", v), b.ticket(), false)
		if err != nil {
			t.Fatal(err)
		}
		refs[title] = r.Reference
	}
	b.drain(t)
	same, err := b.SameContact(b.keeper, intake.Person{Name: "Robin"})
	var got []string
	for _, group := range same {
		got = append(got, strings.Join(group, "+"))
	}
	pair := func(x, y string) string {
		names := []string{refs[x], refs[y]}
		slices.Sort(names)
		return strings.Join(names, "+")
	}
	want := []string{pair("A", "B"), pair("C", "D")}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, not %v", err, got, want)
	}
	if log, err := b.Audit(); err != nil || len(log) == 0 || log[len(log)-1].Who != "Robin" || log[len(log)-1].Did != "compare" {
		t.Errorf("the audit has %v %v", log, err)
	}
}

var small = regexp.MustCompile(`\| ([0-9]+) \|`)

// TestNumbers: no public count below five, whatever the pages.
func TestNumbers(t *testing.T) {
	b := newBench(t)
	for n := range 9 {
		pages := map[string]string{}
		for i := range n {
			pages[fmt.Sprintf("requests/2026/11/r%d.md", i)] = "title = \"r\"\nstate = \"open\"\ncategories = [\"food\"]\nareas = [\"harbor\"]"
		}
		text := string(intake.Numbers(b.cfg, headers(t, b.cfg, pages), site.OnDay(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)), func(key string) string { return key }))
		told := small.FindAllStringSubmatch(text, -1)
		if n < intake.Few && len(told) > 0 || n >= intake.Few && (len(told) != 2 || told[0][1] != fmt.Sprint(n)) {
			t.Errorf("%d requests: %v\n%s", n, told, text)
		}
		if n > 0 && n < intake.Few && strings.Count(text, "numbers.few") != 2 {
			t.Errorf("%d requests:\n%s", n, text)
		}
	}
}
