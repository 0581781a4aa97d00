package intake_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

// TestMessageLife: a message that nobody decides on is kept until the date on its receipt, then
// closed, then deleted; one that is dealt with is kept 30 days more. Neither is ever public.
func TestMessageLife(t *testing.T) {
	b := newBench(t)
	send := func(words string) *intake.Receipt {
		t.Helper()
		d := b.draft(t, "reply", map[string][]string{"message": {words}, "contact_how": {"code"}})
		r, err := b.Submit(d, b.ticket(), false)
		if err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		return r
	}
	days := func(n int) {
		t.Helper()
		for range n {
			b.now = b.now.Add(24 * time.Hour)
			if _, err := b.Round(t.Context(), false); err != nil {
				t.Fatal(err)
			}
		}
	}
	left := func(r *intake.Receipt) bool {
		refs, _ := b.git.Refs("refs/potluck/")
		gone, _ := b.vault.Gone(r.ID)
		for ref := range refs {
			if strings.HasSuffix(ref, r.ID) {
				return true
			}
		}
		return gone == ""
	}
	dealt, waits := send("I can help on Monday"), send("I can lend one")
	if dealt.KeptUntil.String() != "2027-02-21" {
		t.Errorf("kept until %s", dealt.KeptUntil)
	}
	for _, op := range []string{"publish", "match", "edit"} {
		if _, err := b.Decide(t.Context(), intake.Decision{Do: op, ID: dealt.ID, By: june}); err == nil {
			t.Errorf("one can %s a message", op)
		}
	}
	for range 2 {
		it, err := b.Decide(t.Context(), intake.Decision{Do: "close", ID: dealt.ID, Reason: "fulfilled", By: june})
		if err != nil || it.State != intake.Closed || it.Makes != site.AMessage || it.Kind != "reply" {
			t.Fatalf("%v %+v", err, it)
		}
	}
	if days(30); !left(dealt) {
		t.Error("it was deleted before its time")
	}
	if days(2); left(dealt) {
		t.Error("30 days after it was dealt with, something of it is left")
	}
	days(58) // 90 in all
	it, err := b.Mine(t.Context(), waits.Code)
	if err != nil || it.State != intake.Waiting {
		t.Fatalf("on the day on the receipt: %v %+v", err, it)
	}
	days(2)
	if it, err = b.Mine(t.Context(), waits.Code); err != nil || it.State != intake.Closed || it.Reason != "expired" {
		t.Errorf("after it: %v %+v", err, it)
	}
	if days(32); left(waits) {
		t.Error("something of it is left")
	}
	if page, err := b.git.Read("refs/heads/main", "messages/2026/11/"+waits.ID+".toml"); err == nil {
		t.Errorf("on main: %s", page)
	}
}

// TestReaders: what is for one keeper alone stays so when it is answered, asked and sealed anew.
func TestReaders(t *testing.T) {
	b := newBench(t)
	if err := b.vault.Enter(site.Organizer{Name: "Ana", Role: site.Keeper, Recipient: recipient(t)}); err != nil {
		t.Fatal(err)
	}
	b.cfg.Kind("concern").Readers = []string{"Ana"}
	d := b.draft(t, "concern", map[string][]string{"message": {"It hurt."}, "contact_how": {"code"}})
	r, err := b.Submit(d, b.ticket(), false)
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t)
	if _, err := b.Ask(t.Context(), r.ID, "May I call?", june); err != nil {
		t.Fatal(err)
	}
	b.cfg.Kind("concern").Readers = nil // later ones are for all keepers; this one is not
	if it, err := b.Answer(t.Context(), r.Code, "Yes."); err != nil || it.Talk[0].Answer != "Yes." {
		t.Fatalf("%v", err)
	}
	if err := b.vault.Reseal(r.ID, []byte("message = \"It hurt a lot.\"\n")); err != nil {
		t.Fatal(err)
	}
	if it, err := b.Show(r.ID, b.keeper); err == nil {
		t.Errorf("Robin reads %s %s %v", it.Sealed, it.Organizers, it.Talk)
	}
	b.cfg.Kind("concern").Readers = []string{"Nobody", "June"}
	if _, err := b.Submit(d, b.ticket(), false); err == nil {
		t.Error("it was taken, and nobody can read it")
	}
}

func recipient(t *testing.T) string {
	t.Helper()
	r, err := vault.NewKeyFile(filepath.Join(t.TempDir(), "key.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// page puts a page on main.
func (g *fakeGit) page(path, text string) {
	c := fakeCommit{Entry: intake.Entry{Commit: g.hash()}, files: map[string][]byte{path: []byte(text)}}
	g.refs["refs/heads/main"] = append([]fakeCommit{c}, g.refs["refs/heads/main"]...)
}

// TestChangeForm: which words of a page may be changed, and what is not a page for everyone.
func TestChangeForm(t *testing.T) {
	b := newBench(t)
	b.git.page("content/resources/pantry.md", "+++\ntitle = \"Pantry\"\nfees_description = \"Free\"\nassured_date = 2026-11-01\nlatitude = 1.5\n+++\n\nCome in.\n")
	b.git.page("content/resources/old.md", "+++\ntitle = \"Old\"\nexpires = 2026-11-01\n+++\n")
	k := b.cfg.Kind("suggestion")
	for _, address := range []string{"", "/", "/resources/old/", "/resources/nowhere/", "/resources/pantry.md", "/xx/resources/pantry/"} {
		if _, err := b.Form(k, address); err != intake.ErrNoPage {
			t.Errorf("%q: %v", address, err)
		}
	}
	f, err := b.Form(k, "/resources/pantry/")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, q := range f.Questions {
		names = append(names, q.Name)
	}
	if got := strings.Join(names, " "); got != "title address phones email url hours fees_description body reason contact" {
		t.Errorf("it asks for %s", got)
	}
	v := f.Values()
	v["hours"], v["fees_description"], v["reason"] = []string{"Mo 09:00-12:00"}, []string{""}, []string{"I was there."}
	d, faults := b.CheckForm(f, v)
	if len(faults) > 0 || len(d.Answers) != 4 { // hours, fees, reason, contact
		t.Fatalf("%v %+v", faults, d.Answers)
	}
	r, err := b.Submit(d, b.ticket(), false)
	if err != nil {
		t.Fatal(err)
	}
	b.drain(t)
	want := "+++\ntitle = \"Pantry\"\nassured_date = 2026-11-01\nlatitude = 1.5\nhours = \"Mo 09:00-12:00\"\n+++\n\nCome in.\n"
	it, err := b.Show(r.ID, b.keeper)
	if err != nil || string(it.Markdown) != want || it.Makes != site.AChange || !strings.Contains(string(it.Organizers), "I was there.") {
		t.Errorf("%v\n%s", err, it.Markdown)
	}
}
