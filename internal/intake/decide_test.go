package intake_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"potluck/internal/intake"
)

var robin = intake.Person{Name: "Robin"}

// decide carries out a decision that must be possible.
func (b *bench) decide(t testing.TB, d intake.Decision) *intake.Item {
	t.Helper()
	it, err := b.Decide(t.Context(), d)
	if err != nil {
		t.Fatalf("%s: %v", d.Do, err)
	}
	return it
}

func conflict(t *testing.T, err error, what, who string) {
	t.Helper()
	var c *intake.Conflict
	if !errors.As(err, &c) || c.What != what || c.Who != who || c.Hint() == "" {
		t.Errorf("%v, not that it is %s %s", err, what, who)
	}
}

// TestClaim: of many who reach for one item one has it, and the others are told who. What
// is in somebody's hands nobody else decides on, unless she takes it over.
func TestClaim(t *testing.T) {
	b := newBench(t)
	r := b.submit(t, "A ride")
	b.drain(t)
	people := make([]error, 8)
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			_, people[i] = b.Decide(t.Context(), intake.Decision{Do: "claim", ID: r.ID, By: intake.Person{Name: fmt.Sprint("Person ", i)}})
		})
	}
	wg.Wait()
	it, err := b.Show(r.ID, nil)
	if err != nil || it.Claimed == "" || !it.ClaimedAt.Equal(b.now) {
		t.Fatal(err, it.Claimed, it.ClaimedAt)
	}
	won := 0
	for _, err := range people {
		if err == nil {
			won++
		} else {
			conflict(t, err, "taken", it.Claimed)
		}
	}
	if won != 1 {
		t.Errorf("%d have it", won)
	}
	for _, do := range []string{"publish", "hold", "erase", "let-go"} {
		_, err = b.Decide(t.Context(), intake.Decision{Do: do, ID: r.ID, By: robin})
		conflict(t, err, "taken", it.Claimed)
	}
	_, err = b.Decide(t.Context(), intake.Decision{Do: "claim", ID: r.ID, By: robin, Over: "Somebody"})
	conflict(t, err, "taken", it.Claimed)
	b.decide(t, intake.Decision{Do: "claim", ID: r.ID, By: robin, Over: it.Claimed})
	if it = b.decide(t, intake.Decision{Do: "let-go", ID: r.ID, By: robin}); it.Claimed != "" {
		t.Errorf("%s still has it", it.Claimed)
	}
	b.decide(t, intake.Decision{Do: "claim", ID: r.ID, By: robin})
	b.now = b.now.Add(25 * time.Hour) // she went to bed
	if it = b.decide(t, intake.Decision{Do: "publish", ID: r.ID, By: june}); it.State != intake.Open || it.Claimed != "" {
		t.Error(it.State, it.Claimed)
	}
}

// TestSeen: nobody decides on words that she has not seen.
func TestSeen(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	r := b.submit(t, "A ride")
	b.drain(t)
	seen, err := b.Show(r.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := operations["correct"](ctx, b, r); err != nil {
		t.Fatal(err)
	}
	d := intake.Decision{Do: "publish", ID: r.ID, By: june, Seen: seen.Seen()}
	it, err := b.Decide(ctx, d)
	conflict(t, err, "changed", "")
	if it == nil || it.State != intake.Waiting || it.Public != nil {
		t.Fatalf("%+v", it)
	}
	d.Seen = it.Seen()
	b.decide(t, intake.Decision{Do: "claim", ID: r.ID, By: june}) // changes nothing that is seen
	b.decide(t, d)
	_, err = b.Decide(ctx, intake.Decision{Do: "decline", ID: r.ID, Reason: "spam", By: june, Seen: d.Seen})
	conflict(t, err, "changed", "")
}

// TestEdit: an organizer's words go to the site; the neighbour sees them, and what she
// answered in confidence stays.
func TestEdit(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	r := b.submit(t, "A ride pls, call 555-0142")
	b.drain(t)
	it, err := b.Show(r.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	words := it.PublicWords()
	words["title"] = []string{""}
	if _, err = b.Decide(ctx, intake.Decision{Do: "edit", ID: r.ID, Values: words, By: june}); err == nil {
		t.Error("a page without a title was taken")
	}
	if _, _, faults := b.Preview(it, words); len(faults) != 1 || faults[0].Field.Name != "title" {
		t.Errorf("faults: %v", faults)
	}
	words["title"], words["contact"] = []string{"A ride"}, []string{"555-0199"}
	it = b.decide(t, intake.Decision{Do: "publish", ID: r.ID, Values: words, By: june, Seen: it.Seen()})
	page := string(it.Public)
	if !strings.Contains(page, `title = "A ride"`) || strings.Contains(page, "555-01") || !strings.Contains(page, "Two bags.") {
		t.Errorf("the page:\n%s", page)
	}
	_, mine, err := b.MyWords(ctx, r.Code)
	if err != nil || mine["title"][0] != "A ride" || mine["contact"][0] != `555-0142 "after six"` {
		t.Error(err, mine)
	}
	if _, err = b.Decide(ctx, intake.Decision{Do: "edit", ID: r.ID, Values: words, By: june}); err == nil {
		t.Error("a public page was edited beside the site")
	}
}

// TestUndo: for a day the last decision can be taken back, and then no more.
func TestUndo(t *testing.T) {
	for _, c := range []struct {
		ops  []string
		back intake.State
	}{
		{[]string{"publish"}, intake.Waiting}, {[]string{"decline"}, intake.Waiting},
		{[]string{"publish", "match"}, intake.Open}, {[]string{"publish", "close"}, intake.Open},
	} {
		b, ctx := newBench(t), t.Context()
		r := b.submit(t, "A ride")
		b.drain(t)
		for _, op := range c.ops {
			if _, err := operations[op](ctx, b, r); err != nil {
				t.Fatal(op, err)
			}
		}
		undo := intake.Decision{Do: "undo", ID: r.ID, By: june}
		b.now = b.now.Add(23 * time.Hour)
		for range 2 {
			it := b.decide(t, undo)
			items, err := b.List()
			if err != nil || it.State != c.back || (it.Public != nil) != (c.back == intake.Open) || len(items) == 1 != (c.back == intake.Waiting) {
				t.Errorf("%v undone: %s, %d wait, public %v (%v)", c.ops, it.State, len(items), it.Public != nil, err)
			}
		}
		if _, err := operations[c.ops[len(c.ops)-1]](ctx, b, r); err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(25 * time.Hour)
		if _, err := b.Decide(ctx, undo); err == nil {
			t.Errorf("%v undone after a day", c.ops)
		}
	}
}

// TestTogether is two organizers and a neighbour acting on one item in a random order,
// each on what she looked at some time before, while git moves main and the record under
// them. Whatever was answered without an error is in the record, in the name of who did
// it; whatever was refused changed nothing, and says why.
func TestTogether(t *testing.T) {
	seeds := uint64(25)
	if os.Getenv("POTLUCK_LONG") != "" {
		seeds = 500
	}
	told := map[string]int{}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 2))
		b := newBench(t)
		r := b.submit(t, "A ride")
		b.drain(t)
		m := &melee{t: t, b: b, r: r, rng: rng, told: told, seen: map[string]string{}, way: fmt.Sprint("seed ", seed, ":")}
		for range 20 {
			m.step()
		}
	}
	for _, what := range []string{"done", "taken", "changed", "refused", "moved"} {
		if told[what] == 0 {
			t.Errorf("nobody was told that it is %s: %v", what, told)
		}
	}
	t.Log(told)
}

type melee struct {
	t    *testing.T
	b    *bench
	r    *intake.Receipt
	rng  *rand.Rand
	seen map[string]string // by name, what she looked at last
	told map[string]int
	way  string
}

// record gives the item as it is, in words.
func (m *melee) record() (*intake.Item, string) {
	it, err := m.b.Show(m.r.ID, nil)
	if err != nil {
		m.t.Fatalf("%s: %v", m.way, err)
	}
	return it, fmt.Sprint(it.Record, string(it.Markdown), string(it.Public))
}

func (m *melee) step() {
	by := []intake.Person{june, robin}[m.rng.IntN(2)]
	before, was := m.record()
	if m.rng.IntN(3) == 0 {
		m.seen[by.Name] = before.Seen()
		return
	}
	if m.rng.IntN(6) == 0 { // the neighbour
		op := []string{"correct", "withdraw", "answer"}[m.rng.IntN(3)]
		m.way += " neighbour:" + op
		_, _ = operations[op](m.t.Context(), m.b, m.r)
		return
	}
	do := []string{"claim", "let-go", "edit", "publish", "decline", "ask", "hold", "release", "match", "unmatch", "close", "reopen", "undo"}[m.rng.IntN(13)]
	words := before.PublicWords()
	words["title"] = []string{by.Name + fmt.Sprint(" says ", m.rng.IntN(3))}
	d := intake.Decision{Do: do, ID: m.r.ID, By: by, Seen: m.seen[by.Name], Words: "When?", Values: words, Reason: map[string]string{"decline": "spam", "close": "fulfilled"}[do]}
	m.way += " " + by.Name + ":" + do
	moved := m.meddle(before)
	_, err := m.b.Decide(m.t.Context(), d)
	m.b.git.fail = nil
	after, is := m.record()
	var c *intake.Conflict
	var refused *intake.Error
	switch {
	case err == nil:
		m.told["done"]++
		for _, e := range after.Record[:len(after.Record)-len(before.Record)] {
			if e.By != by.Name && e.Op != "git" && e.Op != "note" { // noted: the page says so already
				m.t.Errorf("%s: %s did %s", m.way, e.By, e.Op)
			}
		}
	case errors.As(err, &c):
		m.told[c.What]++
	case errors.As(err, &refused):
		m.told["refused"]++
	default:
		m.t.Errorf("%s: %v", m.way, err)
	}
	if *moved {
		m.told["moved"]++
	} else if err != nil && is != was {
		m.t.Errorf("%s: refused with %v, and changed all the same:\n%s\n%s", m.way, err, was, is)
	}
	if n := strings.Count(string(before.Public), "By hand."); after.Public != nil && strings.Count(string(after.Public), "By hand.") < n || after.Public == nil && n > 0 {
		m.t.Errorf("%s: what was written by hand is lost", m.way)
	}
	if len(after.Record) < len(before.Record) {
		m.t.Errorf("%s: the record lost entries", m.way)
	}
}

// meddle lets git move the record or the page at the moment of the next commit, now and
// then.
func (m *melee) meddle(it *intake.Item) *bool {
	moved := new(bool)
	if m.rng.IntN(3) > 0 {
		return moved
	}
	m.b.git.fail = func(op, ref string) error {
		if op != "commit" || *moved {
			return nil
		}
		*moved = true
		m.b.git.put(ref, it.Path)
		return nil
	}
	return moved
}
