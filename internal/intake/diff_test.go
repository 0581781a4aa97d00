package intake_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"potluck/internal/intake"
	"potluck/internal/site"
)

func resource(t testing.TB) (*site.Config, site.Place) {
	t.Helper()
	c, problems := site.ParseConfig([]byte(network))
	pl, err := c.PlaceOf("resources/mill.md")
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return c, pl
}

// told writes differences as a person would mark them on paper.
func told(ds []intake.Difference) string {
	var b strings.Builder
	for _, d := range ds {
		name := "file"
		if d.Field != nil {
			name = d.Field.Name
		}
		b.WriteString(name + ": ")
		for _, p := range d.Parts {
			b.WriteString(map[intake.Op]string{intake.Same: p.Text, intake.Out: "[-" + p.Text + "-]", intake.In: "{+" + p.Text + "+}", intake.Skip: "…"}[p.Op])
		}
		b.WriteString("\n")
	}
	return b.String()
}

const mill = "+++\ntitle = \"Old Mill\"\nassured_date = 2026-01-02\nphones = [\"555-0101\"]\n+++\n\nBread on Tuesdays.\n"

// TestDiff: what a person reads of a change.
func TestDiff(t *testing.T) {
	c, pl := resource(t)
	long := mill + strings.Repeat("\nA line.\n\nAnother.\n", 4)
	for name, x := range map[string]struct{ old, now, want string }{
		"a word":     {mill, strings.Replace(mill, "Bread on", "Fresh bread on", 1), "body: [-Bread-]{+Fresh bread+} on Tuesdays.\n\n"},
		"a date":     {mill, strings.Replace(mill, "2026-01-02", "2026-11-25", 1), "assured_date: [-2026-01-02-]{+2026-11-25+}\n"},
		"a list":     {mill, strings.Replace(mill, "[\"555-0101\"]", "[\"555-0101\", \"555-0102\"]", 1), "phones: [-555-0101-]{+555-0101\n555-0102+}\n"},
		"other text": {mill, strings.Replace(mill, "Bread on Tuesdays", "Closed", 1), "body: [-Bread on Tuesdays.\n-]{+Closed.\n+}\n"},
		"far apart":  {long, strings.Replace(long, "Bread", "Soup", 1), "body: [-Bread-]{+Soup+} on Tuesdays.\n\nA line.\n…\n"},
		"new":        {"", "+++\ntitle = \"A\"\n+++\n", "title: {+A+}\n"},
		"gone":       {"+++\ntitle = \"A\"\n+++\n", "", "title: [-A-]\n"},
		"a comment":  {mill, strings.Replace(mill, "title", "# by hand\ntitle", 1), "file: +++\n{+# by hand\n+}title = \"Old Mill\"\nassured_date = 2026-01-02\n…\n"},
		"broken":     {mill, strings.Replace(mill, "title = ", "title ", 1), "file: +++\ntitle [-= -]\"Old Mill\"\nassured_date = 2026-01-02\nphones = [\"555-0101\"]\n…\n"},
		"the same":   {mill, mill, ""},
	} {
		old, now := []byte(x.old), []byte(x.now)
		if x.old == "" {
			old = nil
		}
		if x.now == "" {
			now = nil
		}
		if got := told(intake.Diff(c, pl, old, now)); got != x.want {
			t.Errorf("%s:\n%q, want\n%q", name, got, x.want)
		}
	}
}

// TestDiffIsWhole: what stayed and went out is the old text, what stayed and came in is the
// new one, whatever they are.
func TestDiffIsWhole(t *testing.T) {
	c, pl := resource(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		old, now := randomText(r), randomText(r)
		if r.IntN(2) == 0 {
			now = mutated(r, old)
		}
		page := func(s string) []byte { return []byte("+++\ntitle = \"A\"\n+++\n\n" + s + "\n") }
		for _, d := range intake.Diff(c, pl, page(old), page(now)) {
			var a, b strings.Builder
			skipped := false
			for _, p := range d.Parts {
				skipped = skipped || p.Op == intake.Skip
				if p.Op != intake.In {
					a.WriteString(p.Text)
				}
				if p.Op != intake.Out {
					b.WriteString(p.Text)
				}
			}
			if !skipped && (a.String() != tidy(old) || b.String() != tidy(now)) {
				t.Fatalf("%q %q\n%+v", old, now, d.Parts)
			}
		}
	}
}

func tidy(s string) string {
	if s = strings.Trim(s, "\n "); s == "" {
		return ""
	}
	return s + "\n"
}

var vocabulary = []string{"bread", "soup", "on", "the", "hill", "Tuesday", ".", ",", "خبز", "\n", "\n\n", "ride"}

func randomText(r *rand.Rand) string {
	var words []string
	for range r.IntN(30) {
		words = append(words, vocabulary[r.IntN(len(vocabulary))])
	}
	return strings.Trim(strings.Join(words, " "), "\n ")
}

func mutated(r *rand.Rand, s string) string {
	words := strings.Split(s, " ")
	for range 1 + r.IntN(3) {
		i := r.IntN(len(words))
		words = slices.Replace(words, i, i+r.IntN(2), vocabulary[r.IntN(len(vocabulary))])
	}
	return strings.Trim(strings.Join(words, " "), "\n ")
}

// TestMerge: changes in different places both stand; in one place nothing of mine is lost,
// and a person is told.
func TestMerge(t *testing.T) {
	c, pl := resource(t)
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(mill) }
	for name, x := range map[string]struct{ mine, theirs, want, twice string }{
		"two fields":    {change("2026-01-02", "2026-11-25"), change("Old Mill", "The Mill"), change("2026-01-02", "2026-11-25", "Old Mill", "The Mill"), ""},
		"field, text":   {change("Bread", "Soup"), change("Old Mill", "The Mill"), change("Bread", "Soup", "Old Mill", "The Mill"), ""},
		"both the same": {change("Bread", "Soup"), change("Bread", "Soup"), change("Bread", "Soup"), ""},
		"a list":        {change("[\"555-0101\"]", "[\"555-0101\", \"555-0102\"]"), change("555-0101", "555-0103"), change("[\"555-0101\"]", "[\"555-0103\", \"555-0102\"]"), ""},
		"one field":     {change("Old Mill", "My Mill"), change("Old Mill", "Their Mill"), change("Old Mill", "My Mill"), "title"},
		"one line":      {change("Bread", "Soup"), change("Bread", "Rice"), change("Bread on Tuesdays.\n", "Rice on Tuesdays.\nSoup on Tuesdays.\n"), "body"},
		"two lines":     {mill + "Mine.\n", change("+++\n\nBread", "+++\n\nTheirs.\n\nBread"), change("+++\n\nBread", "+++\n\nTheirs.\n\nBread") + "Mine.\n", ""},
		"broken":        {change("title = ", "title "), change("Bread", "Soup"), change("title = ", "title ", "Bread", "Soup"), ""},
	} {
		got, twice := intake.Merge(c, pl, []byte(mill), []byte(x.mine), []byte(x.theirs))
		var names []string
		for _, f := range twice {
			names = append(names, f.Name)
		}
		if string(got) != x.want || strings.Join(names, " ") != x.twice {
			t.Errorf("%s: both changed %v\n%s\nwant\n%s", name, names, got, x.want)
		}
	}
}

// TestMergeLosesNothing: each line that I wrote anew stands in what comes out, as does each
// of theirs, whatever the three are.
func TestMergeLosesNothing(t *testing.T) {
	c, pl := resource(t)
	r := rand.New(rand.NewPCG(3, 4))
	page := func(s string) []byte { return []byte("+++\ntitle = \"A\"\n+++\n\n" + s + "\n") }
	for range 500 {
		base := randomText(r)
		mine, theirs := mutated(r, base), mutated(r, base)
		got, _ := intake.Merge(c, pl, page(base), page(mine), page(theirs))
		for _, text := range []string{mine, theirs} {
			for line := range strings.Lines(tidy(text)) {
				if !strings.Contains(tidy(base), line) && !strings.Contains(string(got), strings.TrimRight(line, "\n")) {
					t.Fatalf("%q is lost\nbase   %q\nmine   %q\ntheirs %q\ngot    %q", line, base, mine, theirs, got)
				}
			}
		}
	}
}

// TestFill: a form changes what was typed and nothing else; what cannot be is named.
func TestFill(t *testing.T) {
	c, pl := resource(t)
	page := "+++\n# ours\ntitle = \"Old Mill\"\nphones = [\n\"555-0101\" ]\n+++\nBread.\n"
	p, _ := site.Parse(c, pl, []byte(page))
	same := intake.PageValues(c, p)
	same["body"] = []string{"Bread.\r\n"}
	if got, faults, err := intake.Fill(c, pl, []byte(page), "", same); err != nil || faults != nil || string(got) != page {
		t.Errorf("%v %v\n%s", faults, err, got)
	}
	same["phones"], same["title"], same["draft"] = []string{"555-0101\r\n555-0102"}, []string{"The\nMill"}, []string{"no"}
	same["body"] = []string{"Bread.\r\n\r\n    code\r\n"}
	want := "+++\n# ours\ntitle = \"The Mill\"\nphones = [\"555-0101\", \"555-0102\"]\n+++\n\nBread.\n\n    code\n"
	if got, _, err := intake.Fill(c, pl, []byte(page), "", same); err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	_, faults, _ := intake.Fill(c, pl, []byte(page), "", map[string][]string{"title": {" "}, "latitude": {"north"}, "email": {"x"}, "closed_until": {"soon"}, "location_type": {"moon"}})
	var names []string
	for _, f := range faults {
		names = append(names, f.Field.Name+" "+f.Text)
	}
	slices.Sort(names)
	if got := strings.Join(names, ", "); got != "closed_until error.date, email error.email, latitude error.number, location_type error.choice, title error.required" {
		t.Error(got)
	}
	fresh, _, err := intake.Fill(c, pl, nil, "resource", map[string][]string{"title": {"A"}, "assured_date": {"2026-11-25"}, "body": {"x"}, "areas": {"harbor"}})
	if err != nil || string(fresh) != "+++\ntitle = \"A\"\nareas = [\"harbor\"]\nassured_date = 2026-11-25\n+++\n\nx\n" {
		t.Errorf("%v\n%s", err, fresh)
	}
}
