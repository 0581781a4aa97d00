package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
)

// public puts a page of a kind onto the site, by way of the form.
func (b *bench) public(t testing.TB, kind, title string, change map[string][]string) *intake.Receipt {
	t.Helper()
	v := request(title)
	for name, words := range change {
		v[name] = words
	}
	r, err := b.Submit(b.draft(t, kind, v), b.ticket(), false)
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t)
	b.decide(t, intake.Decision{Do: "publish", ID: r.ID, By: june})
	return r
}

// byHand puts a file onto main, as git does.
func (b *bench) byHand(t testing.TB, path, page string) {
	t.Helper()
	if err := b.git.Commit(t.Context(), intake.Change{Ref: "refs/heads/main", Path: path, Data: []byte(page), Message: "by hand"}); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) is(t testing.TB, r *intake.Receipt, state intake.State, match string) {
	t.Helper()
	it, err := b.Show(r.ID, nil)
	if err != nil || it.State != state || it.Match != match {
		t.Errorf("%s is %s with %q (%v), not %s with %q", it.Page.Title, it.State, it.Match, err, state, match)
	}
	if it.Public != nil && !strings.Contains(string(it.Public), fmt.Sprintf("state = %q", state)) {
		t.Errorf("%s is %s, and its page:\n%s", it.Page.Title, state, it.Public)
	}
}

// TestSuggest: what fits best is first, with its reasons; what has nothing in common, is
// not open or is of no use is left out.
func TestSuggest(t *testing.T) {
	b := newBench(t)
	r := b.public(t, "request", "A ride", map[string][]string{"languages": {"es"}, "needed_by": {"2026-12-01"}})
	b.public(t, "offer", "Bags of flour", map[string][]string{"categories": {"food"}})
	b.public(t, "offer", "My van", map[string][]string{"categories": {"transport"}, "areas": {"harbor"}})
	b.public(t, "offer", "I drive on Tuesdays", map[string][]string{"languages": {"en", "es"}})
	gone := b.public(t, "offer", "My bike", nil)
	b.decide(t, intake.Decision{Do: "close", ID: gone.ID, Reason: "fulfilled", By: june})
	b.public(t, "request", "Another ride", nil)
	b.byHand(t, "content/resources/cab.md", "+++\ntitle = \"Town cab\"\ncategories = [\"transport/rides\"]\nclosed_until = 2027-01-01\n+++\n")
	area := b.cfg.Taxonomy["area"]
	area.All, area.Values = "all", append(area.Values, "all")
	b.byHand(t, "content/resources/van.md", "+++\ntitle = \"Van for all\"\ncategories = [\"transport/rides\"]\nareas = [\"all\"]\n+++\n")
	it, err := b.Show(r.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	found, err := b.Suggest(it)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		line := f.Page.Title + ":"
		for _, w := range f.Why {
			line += " " + w.What + "=" + w.Word
			if !w.Day.IsZero() {
				line += w.Day.String()
			}
		}
		got = append(got, line)
	}
	want := "I drive on Tuesdays: category=transport/rides area=old-mill language=es in-time=2026-12-01\n" +
		"Van for all: category=transport/rides anywhere= in-time=2026-12-01\n" +
		"Town cab: category=transport/rides anywhere= closed=2027-01-01\n" +
		"My van: near=transport in-time=2026-12-01 elsewhere=harbor"
	if strings.Join(got, "\n") != want {
		t.Errorf("found\n%s\nnot\n%s", strings.Join(got, "\n"), want)
	}
}

// TestMatch: both pages say so, both records have the other, and what becomes of it becomes
// of both. Stopped anywhere, the next try completes it.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		do, reason       string
		request, offer   intake.State
		undone, undoneOf intake.State // after undo
	}{
		{"unmatch", "", intake.Open, intake.Open, "", ""},
		{"close", "fulfilled", intake.Closed, intake.Closed, intake.Open, intake.Open},
		{"close", "withdrawn", intake.Closed, intake.Open, intake.Open, intake.Open},
	} {
		for stop := range 9 {
			b := newBench(t)
			r, o := b.public(t, "request", "A ride", nil), b.public(t, "offer", "I drive", nil)
			try := func(d intake.Decision) {
				left := stop
				b.git.fail = func(string, string) error {
					if left--; left == 0 {
						return fmt.Errorf("stopped")
					}
					return nil
				}
				_, _ = b.Decide(t.Context(), d)
				b.git.fail = nil
				b.decide(t, d)
			}
			b.now = b.now.Add(48 * time.Hour)
			try(intake.Decision{Do: "match", ID: r.ID, With: o.ID, By: june})
			b.is(t, r, intake.Matched, o.ID)
			b.is(t, o, intake.Matched, r.ID)
			end := intake.Decision{Do: c.do, ID: r.ID, Reason: c.reason, By: june}
			try(end)
			if c.do == "unmatch" {
				b.is(t, r, c.request, "")
				b.is(t, o, c.offer, "")
				continue
			}
			b.is(t, r, c.request, o.ID)
			b.decide(t, intake.Decision{Do: "undo", ID: r.ID, By: june})
			b.is(t, r, c.undone, "")
			b.is(t, o, c.undoneOf, "")
		}
	}
}

// TestStanding: an offer that stands stays open for others, and knows whom it serves. What
// was written by hand is matched by its page.
func TestStanding(t *testing.T) {
	b := newBench(t)
	r, other := b.public(t, "request", "A ride", nil), b.public(t, "request", "A ride, too", nil)
	o := b.public(t, "offer", "I drive", map[string][]string{"standing": {"yes"}})
	b.decide(t, intake.Decision{Do: "match", ID: r.ID, With: "/offers/2026/11/" + o.ID + "/", By: june})
	b.is(t, r, intake.Matched, o.ID)
	b.is(t, o, intake.Open, r.ID)
	b.decide(t, intake.Decision{Do: "close", ID: r.ID, Reason: "fulfilled", By: june})
	b.is(t, o, intake.Open, "")

	b.byHand(t, "content/offers/van.md", "+++\ntitle = \"The van\"\nstate = \"open\"\ncategories = [\"transport\"]\n+++\nAsk.\n")
	b.byHand(t, "content/resources/cab.md", "+++\ntitle = \"Town cab\"\ncategories = [\"transport\"]\n+++\n")
	b.decide(t, intake.Decision{Do: "match", ID: other.ID, With: "offers/van.md", By: june})
	van := string(b.git.file("refs/heads/main", "content/offers/van.md"))
	if b.is(t, other, intake.Matched, "content/offers/van.md"); !strings.Contains(van, `state = "matched"`) {
		t.Errorf("the van:\n%s", van)
	}
	b.decide(t, intake.Decision{Do: "unmatch", ID: other.ID, By: june})
	if van = string(b.git.file("refs/heads/main", "content/offers/van.md")); !strings.Contains(van, `state = "open"`) {
		t.Errorf("the van:\n%s", van)
	}
	b.decide(t, intake.Decision{Do: "match", ID: other.ID, With: "resources/cab.md", By: june})
	b.is(t, other, intake.Matched, "content/resources/cab.md")
	for _, with := range []string{r.ID, other.ID, "resources/nowhere.md", "about.md"} {
		if _, err := b.Decide(t.Context(), intake.Decision{Do: "match", ID: other.ID, With: with, By: june}); err == nil {
			t.Errorf("matched with %s", with)
		}
	}
}

// TestNudge: after two weeks, and as soon as one half is closed, somebody is asked how it
// went.
func TestNudge(t *testing.T) {
	b := newBench(t)
	r, o := b.public(t, "request", "A ride", nil), b.public(t, "offer", "I drive", nil)
	b.decide(t, intake.Decision{Do: "match", ID: r.ID, With: o.ID, By: june})
	nudges := func() (s string) {
		all, err := b.Nudges()
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			s += fmt.Sprint(n.Page.Title, " ", n.Over, ";")
		}
		return s
	}
	if got := nudges(); got != "" {
		t.Error(got)
	}
	b.now = b.now.Add(14 * 24 * time.Hour)
	if got := nudges(); got != "A ride false;I drive false;" && got != "I drive false;A ride false;" {
		t.Error(got)
	}
	b.now = b.now.Add(-13 * 24 * time.Hour)
	if _, err := b.Done(t.Context(), r.Code); err != nil {
		t.Fatal(err)
	}
	if got := nudges(); got != "I drive true;" {
		t.Error(got)
	}
}

// TestNotes: what organizers write among themselves the neighbour's code does not open; what
// is for her it does, and the record has neither.
func TestNotes(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	r := b.submit(t, "A ride")
	b.drain(t)
	b.byHand(t, "content/resources/cab.md", "+++\ntitle = \"Town cab\"\ncategories = [\"transport\"]\n+++\n")
	for _, words := range []string{"She sounded tired.", "Called again."} {
		b.decide(t, intake.Decision{Do: "note", ID: r.ID, Words: words, By: june})
	}
	b.decide(t, intake.Decision{Do: "refer", ID: r.ID, With: "/resources/cab/", Words: "They drive at night, too.", By: robin})
	it, err := b.Show(r.ID, b.keeper)
	if err != nil || len(it.Notes) != 2 || it.Notes[1].Words != "Called again." || it.Notes[1].By != "June" || it.State != intake.Closed || it.Reason != "referred" {
		t.Errorf("%v %+v", err, it)
	}
	mine, err := b.Mine(ctx, r.Code)
	if err != nil || mine.Notes != nil || mine.Parting == nil || *mine.Parting != (intake.Parting{Page: "resources/cab.md", Words: "They drive at night, too."}) {
		t.Errorf("%v %+v", err, mine.Parting)
	}
	if words, err := b.vault.Hear(r.ID, "1.note", string(r.Code), nil); err != nil || words != nil {
		t.Errorf("the code opens %q %v", words, err)
	}
	for _, c := range b.git.refs["refs/potluck/done/"+r.ID] {
		if strings.Contains(fmt.Sprint(c.message, c.Entry), "cab") || strings.Contains(c.message, "tired") {
			t.Errorf("the record says %+v", c)
		}
	}
}
