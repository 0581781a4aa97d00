package intake_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
	"potluck/internal/site"
	"potluck/internal/vault"
)

const network = `
title = "Riverside"
languages = ["en", "es"]
timezone = "America/New_York"
[taxonomy.category]
values = ["food", "transport", "transport/rides"]
[taxonomy.area]
values = ["harbor", "old-mill"]
[kind.request.field.stairs]
type = "choice"
options = ["none", "a few"]
class = "organizers"
[kind.request.field.secret]
type = "text"
[kind.request.field.sizes]
type = "list"
class = "public"
[kind.request.field.weight_kg]
type = "number"
class = "public"
[kind.request.field.open_on]
type = "hours"
class = "public"
[kind.skill]
form = true
[kind.skill.field.level]
type = "choice"
options = ["some", "much"]
class = "public"
`

// fakeGit keeps refs in memory, and fails where a test wants it to. The real
// repository is tested in cmd/potluck.
type fakeGit struct {
	mu    sync.Mutex
	refs  map[string][]fakeCommit // newest first
	fail  func(op, what string) error
	calls map[string]int
	made  int
}

type fakeCommit struct {
	intake.Entry
	files   map[string][]byte
	message string
	by      string
}

func (g *fakeGit) do(op, what string) error {
	g.calls[op]++
	if g.fail != nil {
		return g.fail(op, what)
	}
	return nil
}

func (g *fakeGit) Propose(_ context.Context, ps []intake.Proposal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range ps {
		if err := g.do("propose", p.Ref); err != nil {
			return err
		}
		if g.refs[p.Ref] == nil && g.refs[p.Unless] == nil {
			g.refs[p.Ref] = []fakeCommit{{intake.Entry{Commit: g.hash(), Path: p.Path, Form: p.Form, State: p.State, Held: p.HeldFor, When: p.When}, map[string][]byte{p.Path: p.Data}, p.Message, "potluck"}}
		}
	}
	return nil
}

// put is somebody at work with git alone: an empty commit on the record of an item, or a
// line more on its page.
func (g *fakeGit) put(ref, path string) {
	c := fakeCommit{Entry: intake.Entry{Commit: g.hash(), Op: "git"}}
	if page := g.file(ref, path); page != nil && ref == "refs/heads/main" {
		c.files = map[string][]byte{path: append(bytes.Clone(page), "\nBy hand.\n"...)}
	}
	if g.refs[ref] != nil {
		g.refs[ref] = append([]fakeCommit{c}, g.refs[ref]...)
	}
}

// hash names the next commit.
func (g *fakeGit) hash() string { g.made++; return fmt.Sprint("commit ", g.made) }

func (g *fakeGit) Refs(prefix string) (map[string]string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	heads := map[string]string{}
	for name, record := range g.refs {
		if strings.HasPrefix(name, prefix) {
			heads[name] = record[0].Commit
		}
	}
	return heads, nil
}

func (g *fakeGit) Record(ref string) ([]intake.Entry, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var es []intake.Entry
	for _, c := range g.refs[ref] {
		es = append(es, c.Entry)
	}
	if es == nil {
		return nil, fs.ErrNotExist
	}
	return es, nil
}

func (g *fakeGit) Touched(ref, path string) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.refs[ref], func(c fakeCommit) bool { return c.files[path] != nil }), nil
}

func (g *fakeGit) Read(ref, path string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if data := g.file(ref, path); data != nil {
		return data, nil
	}
	for _, record := range g.refs {
		if i := slices.IndexFunc(record, func(c fakeCommit) bool { return c.Commit == ref }); i >= 0 {
			return fileIn(record[i:], path), nil
		}
	}
	return nil, fs.ErrNotExist
}

func (g *fakeGit) file(ref, path string) []byte { return fileIn(g.refs[ref], path) }

func fileIn(record []fakeCommit, path string) []byte {
	for _, c := range record {
		if data, ok := c.files[path]; ok {
			return data
		}
	}
	return nil
}

func (g *fakeGit) Commit(_ context.Context, c intake.Change) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.do("commit", c.Ref); err != nil {
		return err
	}
	if c.At != "" && (len(g.refs[c.Ref]) == 0 || g.refs[c.Ref][0].Commit != c.At) {
		return intake.ErrMoved
	}
	op, _, _ := strings.Cut(c.Message, " ")
	n := fakeCommit{Entry: intake.Entry{Commit: g.hash(), By: c.By.Name, Op: op, When: c.When}, message: c.Message, by: c.By.Name}
	if len(g.refs[c.Ref]) > 0 {
		n.Parent = g.refs[c.Ref][0].Commit
	}
	if c.Path != "" {
		now := g.file(c.Ref, c.Path)
		if bytes.Equal(now, c.Data) {
			return nil
		}
		if !bytes.Equal(now, c.Old) {
			return intake.ErrMoved
		}
		n.files = map[string][]byte{c.Path: c.Data}
	}
	for _, t := range c.Trailers {
		switch t[0] {
		case "State":
			n.State = intake.State(t[1])
		case "Reason":
			n.Reason = t[1]
		case "Change":
			n.Change = t[1]
		case "Claimed-by":
			n.Claim = t[1]
		case "Match":
			n.Match = t[1]
		case "Note":
			n.Note = t[1]
		}
	}
	g.refs[c.Ref] = append([]fakeCommit{n}, g.refs[c.Ref]...)
	return nil
}

func (g *fakeGit) Erase(_ context.Context, refs ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, ref := range refs {
		if err := g.do("erase", ref); err != nil {
			return err
		}
		delete(g.refs, ref)
	}
	return nil
}

func (g *fakeGit) Move(_ context.Context, from, to string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.do("move", from); err != nil {
		return err
	}
	if g.refs[from] != nil {
		g.refs[to] = g.refs[from]
		delete(g.refs, from)
	}
	return nil
}

// bench is a service over a real vault and spool, with a clock of its own.
type bench struct {
	*intake.Service
	git    *fakeGit
	vault  *vault.Vault
	dir    string // var/
	keeper intake.Key
	now    time.Time
	cfg    *site.Config
}

func newBench(t testing.TB) *bench {
	t.Helper()
	cfg, problems := site.ParseConfig([]byte(network))
	dir := filepath.Join(t.TempDir(), "var")
	v, err := vault.Open(dir)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	b := &bench{
		dir: dir, vault: v, cfg: cfg, now: time.Date(2026, 11, 23, 15, 41, 7, 0, time.UTC),
		git: &fakeGit{refs: map[string][]fakeCommit{}, calls: map[string]int{}},
	}
	file := filepath.Join(t.TempDir(), "keeper.txt")
	recipient, err := vault.NewKeyFile(file)
	if err == nil {
		err = v.Enter(site.Organizer{Name: "Robin", Role: site.Keeper, Recipient: recipient})
	}
	if err == nil {
		b.keeper, err = vault.KeyFile(file, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.Service = intake.New(intake.Options{
		Config: func() *site.Config { return cfg }, Spool: v.Spool(), Vault: v, Git: b.git,
		Key: bytes.Repeat([]byte{7}, 32), Now: func() time.Time { return b.now }, Pages: b.pages,
	})
	return b
}

// pages are those that are on main.
func (b *bench) pages() (all []*site.Header, err error) {
	b.git.mu.Lock()
	defer b.git.mu.Unlock()
	seen := map[string]bool{}
	for _, c := range b.git.refs["refs/heads/main"] {
		for name, data := range c.files {
			if seen[name] {
				continue
			}
			seen[name] = true
			pl, err := b.cfg.PlaceOf(strings.TrimPrefix(name, "content/"))
			if err != nil {
				return nil, err
			}
			if p, _ := site.Parse(b.cfg, pl, data); data != nil {
				all = append(all, &site.Header{Place: p.Place, Kind: p.Kind, Meta: p.Meta})
			}
		}
	}
	slices.SortFunc(all, func(a, b *site.Header) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

func request(title string) map[string][]string {
	return map[string][]string{
		"title": {title}, "body": {"On *Tuesdays*.\r\nTwo bags."}, "categories": {"transport/rides"}, "areas": {"old-mill"},
		"needs": {"ride", "interpreter"}, "contact_how": {"phone"}, "contact": {"555-0142 \"after six\""}, "notes": {"a\nb"}, "stairs": {"a few"}, "secret": {"s3cret"},
	}
}

func (b *bench) draft(t testing.TB, kind string, values map[string][]string) *intake.Draft {
	t.Helper()
	d, faults := b.Check(b.cfg.Kind(kind), values)
	if len(faults) > 0 {
		t.Fatalf("faults: %v", faults)
	}
	return d
}

// ticket is one of a check page that was read for ten seconds.
func (b *bench) ticket() intake.Ticket { return b.Ticket("", b.now.Add(-10*time.Second)) }

func (b *bench) submit(t testing.TB, title string) *intake.Receipt {
	t.Helper()
	r, err := b.Submit(b.draft(t, "request", request(title)), b.ticket(), false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *bench) drain(t testing.TB) {
	t.Helper()
	if err := b.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestWholeLife: spool, vault, ref, main, done.
func TestWholeLife(t *testing.T) {
	b := newBench(t)
	r := b.submit(t, "A ride")
	if ids, _ := b.vault.Spool().List(); len(ids) != 1 || ids[0] != r.ID {
		t.Fatalf("the spool has %v", ids)
	}
	if r.KeptUntil.String() != "2027-01-13" || r.Waiting != 1 || r.Reference != intake.Reference(r.ID) {
		t.Errorf("receipt: %+v", r)
	}
	b.drain(t)
	if ids, _ := b.vault.Spool().List(); len(ids) != 0 {
		t.Errorf("the spool still has %v", ids)
	}
	it, err := b.Show(strings.ToLower(r.Reference), b.keeper)
	if err != nil {
		t.Fatal(err)
	}
	const sealed = "contact_how = \"phone\"\ncontact = \"555-0142 \\\"after six\\\"\"\nnotes = \"a\\nb\"\nsecret = \"s3cret\"\n"
	if string(it.Sealed) != sealed || string(it.Organizers) != "needs = [\"ride\", \"interpreter\"]\nstairs = \"a few\"\n" {
		t.Errorf("private:\n%s\n%s", it.Sealed, it.Organizers)
	}
	const page = "+++\ntitle = \"A ride\"\ndate = 2026-11-23\nexpires = 2026-12-14\ncategories = [\"transport/rides\"]\nareas = [\"old-mill\"]\nstate = \"open\"\n+++\n\nOn *Tuesdays*.\nTwo bags.\n"
	if string(it.Markdown) != page || it.State != intake.Waiting || it.Kind != "request" || it.Path != "content/requests/2026/11/"+r.ID+".md" {
		t.Errorf("%s %s\n%s", it.State, it.Path, it.Markdown)
	}
	first := b.git.refs["refs/potluck/inbox/"+r.ID][0]
	if first.message != "intake: a request waits ("+r.ID+")" || !first.When.Equal(time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("%q %v", first.message, first.When)
	}
	if _, err := b.Publish(t.Context(), r.ID, intake.Person{Name: "June"}); err != nil {
		t.Fatal(err)
	}
	main := b.git.refs["refs/heads/main"][0]
	if main.by != "June" || string(main.files[it.Path]) != page || main.message != "publish request "+r.ID+": A ride" {
		t.Errorf("main: %+v", main)
	}
	if items, err := b.List(); err != nil || len(items) != 0 {
		t.Errorf("still waiting: %v %v", items, err)
	}
}

// TestSamePostTwice: at once, after the drainer, after publishing, tomorrow: one
// submission, one receipt. Other words are another submission.
func TestSamePostTwice(t *testing.T) {
	b := newBench(t)
	ticket := b.ticket()
	send := func(title string) intake.Receipt {
		r, err := b.Submit(b.draft(t, "request", request(title)), ticket, false)
		if err != nil {
			t.Fatal(err)
		}
		r.Waiting = 0
		return *r
	}
	one := send("A ride")
	same := func(when string) {
		t.Helper()
		if again := send("A ride"); again != one {
			t.Errorf("%s: %+v, not %+v", when, again, one)
		}
		b.drain(t)
		if n := len(b.git.refs) - len(b.git.refs["refs/heads/main"]); n != 1 {
			t.Errorf("%s: %d refs", when, n)
		}
	}
	same("at once")
	same("after the drainer")
	b.now = b.now.Add(20 * time.Hour)
	same("on the next day")
	if _, err := b.Publish(t.Context(), one.ID, intake.Person{Name: "June"}); err != nil {
		t.Fatal(err)
	}
	same("after publishing")
	if other := send("A ride home"); other.ID == one.ID || other.Code == one.Code {
		t.Error("other words got the same receipt, so they are lost")
	}
}

// TestStamps: never dropped; held when in doubt; asked again when too old.
func TestStamps(t *testing.T) {
	b := newBench(t)
	good := b.ticket()
	for name, c := range map[string]struct {
		ticket  intake.Ticket
		suspect bool
		want    intake.State
	}{
		"right":          {good, false, intake.Waiting},
		"trapped":        {b.ticket(), true, intake.Held},
		"missing":        {intake.Ticket{}, false, intake.Held},
		"no stamp":       {intake.Ticket{Nonce: good.Nonce}, false, intake.Held},
		"forged":         {intake.Ticket{Nonce: good.Nonce, Stamp: "1700000000.00"}, false, intake.Held},
		"of another":     {intake.Ticket{Nonce: b.ticket().Nonce, Stamp: good.Stamp}, false, intake.Held},
		"odd nonce":      {intake.Ticket{Nonce: "../../etc", Stamp: good.Stamp}, false, intake.Held},
		"too early":      {b.Ticket("", b.now.Add(-time.Second)), false, intake.Held},
		"from to-morrow": {b.Ticket("", b.now.Add(24*time.Hour)), false, intake.Held},
		"a day old":      {b.Ticket("", b.now.Add(-24*time.Hour)), false, intake.Waiting},
	} {
		r, err := b.Submit(b.draft(t, "request", request(name)), c.ticket, c.suspect)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b.drain(t)
		if it, err := b.Show(r.ID, nil); err != nil || it.State != c.want {
			t.Errorf("%s: %v %v", name, it, err)
		}
	}
	old := b.Ticket("", b.now.Add(-24*time.Hour-time.Second))
	d := b.draft(t, "request", request("old"))
	if _, err := b.Submit(d, old, false); !errors.Is(err, intake.ErrLate) {
		t.Errorf("too late: %v", err)
	}
	if again := b.Ticket(old.Nonce, b.now); again.Nonce != old.Nonce || again.Stamp == old.Stamp {
		t.Error("the new ticket is not for the same words")
	}
}

// TestDrainStops: whatever fails, and however often, each submission arrives once,
// and one that cannot arrive does not keep the others back.
func TestDrainStops(t *testing.T) {
	b := newBench(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, b.submit(t, fmt.Sprint("Thing ", i)).ID)
	}
	broken := errors.New("no")
	b.git.fail = func(op, what string) error { return broken }
	for range 3 {
		if err := b.Drain(t.Context()); !errors.Is(err, broken) {
			t.Fatalf("not reported: %v", err)
		}
	}
	if left, _ := b.vault.Spool().List(); len(left) != 5 {
		t.Fatalf("left: %v", left)
	}
	b.git.fail = func(op, what string) error {
		if strings.HasSuffix(what, ids[2]) {
			return broken
		}
		return nil
	}
	if err := b.vault.Spool().Put("k7m2q9x4ad", []byte("{half a fi")); err != nil {
		t.Fatal(err)
	}
	err := b.Drain(t.Context())
	if left, _ := b.vault.Spool().List(); len(left) != 2 || err == nil || strings.Contains(err.Error(), "Thing") {
		t.Fatalf("left: %v, %v", left, err)
	}
	b.git.fail = nil
	_ = b.Drain(t.Context())
	if items, err := b.List(); err != nil || len(items) != 5 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

// TestDecisionsStop: an operation that was stopped at any step is completed by the
// next try; a decision once made is not made again.
func TestDecisionsStop(t *testing.T) {
	june, ctx := intake.Person{Name: "June"}, t.Context()
	for _, stop := range []string{"commit", "move"} {
		b := newBench(t)
		a, c := b.submit(t, "Publish me"), b.submit(t, "Decline me")
		b.drain(t)
		for range 2 {
			b.git.fail = func(op, _ string) error {
				if op == stop {
					return errors.New("stopped")
				}
				return nil
			}
			if _, err := b.Publish(ctx, a.ID, june); err == nil {
				t.Fatal("not stopped")
			}
			if _, err := b.Decline(ctx, c.ID, "spam", june); err == nil {
				t.Fatal("not stopped")
			}
		}
		if stop == "move" {
			if _, err := b.Decline(ctx, a.ID, "spam", june); err == nil {
				t.Error("what is on main was declined")
			}
		}
		b.git.fail = nil
		it, err := b.Publish(ctx, a.ID, june)
		if err != nil || it.State != intake.Open {
			t.Errorf("%s: %v", stop, err)
		}
		if it, err = b.Decline(ctx, c.ID, "spam", june); err != nil || it.State != intake.Closed {
			t.Errorf("%s: %v", stop, err)
		}
		if n := len(b.git.refs["refs/heads/main"]); n != 1 {
			t.Errorf("%d commits on main", n)
		}
		if n := len(b.git.refs["refs/potluck/done/"+c.ID]); n != 2 {
			t.Errorf("%d commits in the record of what was declined", n)
		}
		for _, id := range []string{a.ID, c.ID} {
			_, perr := b.Publish(ctx, id, june)
			_, derr := b.Decline(ctx, id, "spam", june)
			for _, err := range []error{perr, derr} {
				var e *intake.Error
				if !errors.As(err, &e) || e.Hint() == "" || !strings.Contains(err.Error(), id) {
					t.Errorf("deciding again: %v", err)
				}
			}
		}
	}
}

// TestFind: what a person may type for an ID, and clear answers when it is not there.
func TestFind(t *testing.T) {
	b := newBench(t)
	r := b.submit(t, "A ride")
	b.drain(t)
	for _, name := range []string{r.ID, strings.ToUpper(r.ID), r.Reference, strings.ToLower(r.Reference), r.ID[:4], strings.ReplaceAll(strings.ReplaceAll(r.ID, "0", "o"), "1", "l")} {
		if it, err := b.Show(name, nil); err != nil || it.ID != r.ID {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "k7m", "../../etc/passwd", "zzzzzzzzzz", r.ID + "0", "inbox/x", "%%%%%%"} {
		var e *intake.Error
		if _, err := b.Show(name, nil); !errors.As(err, &e) || e.Hint() == "" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := b.Decline(t.Context(), r.ID, "bored", intake.Person{Name: "June"}); err == nil {
		t.Error("a reason that is none")
	}
}

// TestLife holds the table's laws.
func TestLife(t *testing.T) {
	next := map[intake.State][]intake.Move{}
	states := map[intake.State]bool{intake.Received: true}
	for _, m := range intake.Life {
		for _, from := range m.From {
			to := m
			to.To = cmp.Or(m.To, from)
			next[from] = append(next[from], to)
			states[from], states[to.To] = true, true
		}
	}
	public := func(s intake.State) bool { return s == intake.Open || s == intake.Matched }
	for s := range states {
		reached := map[intake.State]bool{s: true}
		for range states {
			for from := range maps.Clone(reached) {
				for _, m := range next[from] {
					reached[m.To] = true
				}
			}
		}
		if !reached[intake.Purged] {
			t.Errorf("%s never ends", s)
		}
		for _, m := range next[s] {
			if public(m.To) && !public(s) && !slices.Equal(m.By, []intake.Who{intake.Organizer}) {
				t.Errorf("%s: %s makes it public, by %v", s, m.Op, m.By)
			}
			if to, ok := s.Next(m.Op, m.By[0]); !ok || to != cmp.Or(m.To, s) {
				t.Errorf("%s of %s gives %s", m.Op, s, to)
			}
		}
	}
	if len(next[intake.Purged]) != 0 || len(states) != 8 {
		t.Errorf("states: %v", states)
	}
	if _, ok := intake.Waiting.Next("publish", intake.Neighbour); ok {
		t.Error("a neighbour published")
	}
}

// TestCode: 95 bits in Crockford's letters, and a check letter that sees one wrong
// letter and any two that changed places.
func TestCode(t *testing.T) {
	b := newBench(t)
	seen := map[intake.Code]bool{}
	for i := range 50 {
		r := b.submit(t, fmt.Sprint("Thing ", i))
		if len(r.Code) != 20 || strings.Trim(string(r.Code), "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" || len(r.Code.String()) != 23 {
			t.Fatalf("code %s", r.Code)
		}
		if len(r.ID) != 10 || seen[r.Code] {
			t.Fatalf("ID %s", r.ID)
		}
		seen[r.Code] = true
	}
	if got := intake.Reference("k7m2q9x4ad"); got != "K7M-2Q9" {
		t.Error(got)
	}
}

// TestFaults: each wrong answer is named by a key of the theme's strings.
func TestFaults(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("ä", 4001)
	for _, c := range []struct{ field, value, want string }{
		{"title", "", "error.required"}, {"title", " \x00\u202e ", "error.required"}, {"title", long[:2*121], "error.long"},
		{"body", long, "error.long"}, {"notes", long[:2*2001], "error.long"}, {"contact", long[:2*501], "error.long"},
		{"categories", "", "error.required"}, {"categories", "cars", "error.choice"}, {"areas", "../x", "error.choice"}, {"languages", "xx", "error.choice"},
		{"urgency", "now", "error.choice"}, {"needed_by", "soon", "error.date"}, {"needed_by", "2026-11-22", "error.past"}, {"needed_by", "2026-11-23", ""},
		{"contact_how", "", "error.required"}, {"contact_how", "pigeon", "error.choice"}, {"contact", "", "error.contact"},
		{"weight_kg", "heavy", "error.number"}, {"safe_to_leave_message", "maybe", "error.choice"}, {"stairs", "", ""}, {"sizes", "a", ""},
		{"title", long[:2*120], ""}, {"body", long[:2*4000], ""}, {"body", "+++\n\"\"\"\n'''\n\\", ""}, {"title", `+++ "q" \u0041 '`, ""}, {"body", strings.Repeat("[a](", 999), ""},
	} {
		v := request("A ride")
		v[c.field] = []string{c.value}
		d, faults := b.Check(b.cfg.Kind("request"), v)
		got := ""
		for _, f := range faults {
			got += f.Text
			if f.Field.Name != c.field {
				t.Errorf("%s: the fault is at %s", c.field, f.Field.Name)
			}
		}
		if got != c.want {
			t.Errorf("%s = %.20q: %q, not %q", c.field, c.value, got, c.want)
		}
		if got == "" {
			roundTrip(t, b, d)
		}
	}
	if _, faults := b.Check(b.cfg.Kind("skill"), map[string][]string{"level": {"much"}}); len(faults) != 1 || faults[0].Field.Name != "title" {
		t.Errorf("a kind of the network's own: %v", faults)
	}
}

// TestExpires: a request is on the site for three weeks, an offer for two months, one
// without an end for a year.
func TestExpires(t *testing.T) {
	b := newBench(t)
	b.now = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC) // still November in New York
	for _, c := range []struct{ kind, standing, path, expires string }{
		{"request", "", "requests/2026/11/", "2026-12-21"}, {"offer", "no", "offers/2026/11/", "2027-01-29"}, {"offer", "yes", "offers/2026/11/", "2027-11-30"},
		{"skill", "", "skills/2026/11/", "2027-01-29"},
	} {
		v := request("x")
		v["standing"] = []string{c.standing}
		d := b.draft(t, c.kind, v)
		if d.Page.Date.String() != "2026-11-30" || d.Page.Expires.String() != c.expires || !strings.HasPrefix(d.Page.Path, c.path) {
			t.Errorf("%s: %s %s %s", c.kind, d.Page.Path, d.Page.Date, d.Page.Expires)
		}
	}
}

// roundTrip holds the law of the file format, and that no private field is in a page.
func roundTrip(t *testing.T, b *bench, d *intake.Draft) {
	t.Helper()
	src, err := site.Format(b.cfg, &d.Page)
	if err != nil {
		t.Fatalf("no fault, and no page: %v", err)
	}
	got, problems := site.Parse(b.cfg, d.Page.Place, src)
	again, err := site.Format(b.cfg, got)
	if err != nil || !bytes.Equal(src, again) || got.Body != d.Page.Body || got.Title != d.Page.Title {
		t.Fatalf("%v\n%s\n%s", err, src, again)
	}
	for _, p := range problems {
		if p.Severity == site.Error {
			t.Fatalf("%s\n%s", p, src)
		}
	}
	for name := range d.Page.Fields {
		if f := b.cfg.Kind(d.Page.Kind).Field(name); f.Class != site.Public {
			t.Fatalf("%s is in the page", name)
		}
	}
}

// FuzzPostToPage: any values give faults, or a page that reads back the same. Posting
// what was cleaned once more makes no difference, so that one post has one code.
func FuzzPostToPage(f *testing.F) {
	f.Add("A ride", "body\r\n\r\n+++\n", "food", "harbor", "soon", "2027-01-01", "phone", "555", "a,b", "12.50", "Mo-Fr 09:00-17:00", "yes")
	f.Add("\"\"\"", "'''\x00\xff\u2028\u202e \u0085", "transport/rides", "old-mill", "", "0001-01-01T00:00:00Z", "email", "a@b.c", "\\u0000", "-0", "PH off", "on")
	f.Add("\u200b", "\u00a0\n\u3000", "", "x", "today", "9999-12-31 23:59", "person", "+++", "", "1e15", "\ufeff", "no")
	b := newBench(f)
	k := b.cfg.Kind("request")
	f.Fuzz(func(t *testing.T, title, body, category, area, urgency, by, how, contact, sizes, weight, hours, safe string) {
		v := map[string][]string{
			"title": {title}, "body": {body}, "categories": {category, "food"}, "areas": {cmp.Or(area, "harbor")}, "urgency": {urgency}, "needed_by": {by},
			"contact_how": {how}, "contact": {contact}, "sizes": {sizes, title}, "weight_kg": {weight}, "open_on": {hours}, "safe_to_leave_message": {safe}, "notes": {body},
		}
		d, faults := b.Check(k, v)
		if len(faults) > 0 {
			for _, fault := range faults {
				if fault.Text == "error.text" {
					t.Errorf("not foreseen: %q", v)
				}
			}
			return
		}
		roundTrip(t, b, d)
		for name, texts := range v {
			for i := range texts {
				v[name][i] = site.CleanLong(texts[i])
			}
		}
		again, faults := b.Check(k, v)
		if len(faults) > 0 {
			t.Fatalf("clean words were refused: %v", faults)
		}
		ticket := b.ticket()
		one, err1 := b.Submit(d, ticket, false)
		two, err2 := b.Submit(again, ticket, false)
		if err1 != nil || err2 != nil || one.Code != two.Code {
			t.Fatal("the same words have two codes", err1, err2)
		}
		if err := b.vault.Spool().Remove(one.ID); err != nil {
			t.Fatal(err)
		}
	})
}
