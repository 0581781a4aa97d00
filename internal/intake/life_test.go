package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"potluck/internal/intake"
)

var june = intake.Person{Name: "June"}

// operations are all that people can do to an item.
var operations = map[string]func(context.Context, *bench, *intake.Receipt) (*intake.Item, error){
	"publish": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Publish(c, r.ID, june)
	},
	"decline": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decline(c, r.ID, "spam", june)
	},
	"hold": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "hold", ID: r.ID, By: june})
	},
	"release": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "release", ID: r.ID, By: june})
	},
	"ask": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Ask(c, r.ID, "When?", june)
	},
	"match": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "match", ID: r.ID, By: june})
	},
	"unmatch": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "unmatch", ID: r.ID, By: june})
	},
	"close": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "close", ID: r.ID, Reason: "referred", By: june})
	},
	"reopen": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "reopen", ID: r.ID, By: june})
	},
	"edit": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		it, err := b.Show(r.ID, nil)
		if err != nil {
			return it, err
		}
		words := it.PublicWords()
		words["title"] = []string{"A ride to the clinic"}
		return b.Decide(c, intake.Decision{Do: "edit", ID: r.ID, Values: words, By: june})
	},
	"claim": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "claim", ID: r.ID, By: june})
	},
	"let-go": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "let-go", ID: r.ID, By: june})
	},
	"undo": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Decide(c, intake.Decision{Do: "undo", ID: r.ID, By: june})
	},
	"answer": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Answer(c, r.Code, "At six.")
	},
	"withdraw": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		return b.Withdraw(c, r.Code)
	},
	"done":  func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) { return b.Done(c, r.Code) },
	"renew": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) { return b.Renew(c, r.Code) },
	"correct": func(c context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) {
		it, values, err := b.MyWords(c, r.Code)
		if err != nil || it.State == intake.Purged {
			return it, err
		}
		values["body"] = []string{"Other words."}
		d, faults := b.CheckMine(it, values)
		if len(faults) > 0 {
			return nil, fmt.Errorf("%v", faults)
		}
		return b.Correct(c, r.Code, d)
	},
	"by hand": func(_ context.Context, b *bench, r *intake.Receipt) (*intake.Item, error) { // an organizer edits the page
		it, err := b.Show(r.ID, nil)
		if err == nil && it.Public != nil {
			page := bytes.Replace(it.Public, []byte(`state = "open"`), []byte(`state = "closed"`), 1)
			err = b.git.Commit(context.Background(), intake.Change{Ref: "refs/heads/main", Path: it.Path, Old: it.Public, Data: page})
		}
		return it, err
	},
}

var closing = []string{"decline", "close", "withdraw", "done", "by hand"}

// TestLaws goes random ways through the life of an item, with faults, and then lets time
// pass. Nothing becomes public without an organizer; each operation can be repeated
// without harm; nothing is deleted before the date on the receipt, or 30 days after a
// person closed it; every item is purged in the end.
func TestLaws(t *testing.T) {
	names := []string{"publish", "publish"} // much hangs on it
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	reached := map[intake.State]int{}
	seeds := uint64(15)
	if os.Getenv("POTLUCK_LONG") != "" {
		seeds = 300
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := newBench(t)
		r := b.submit(t, "A ride")
		b.drain(t)
		w := &walk{t: t, b: b, r: r, way: fmt.Sprint("seed ", seed, ":")}
		for range 10 {
			w.do(names[rng.IntN(len(names))], rng)
			reached[w.state]++
			for range rng.IntN(3) {
				w.pass(time.Duration(rng.IntN(24*6)) * time.Hour)
			}
		}
		for i := 0; w.gone == "" && i < 400; i++ {
			w.pass(5 * 24 * time.Hour)
		}
		if w.gone == "" {
			t.Errorf("%s is never purged", w.way)
		}
		if left, err := filepath.Glob(filepath.Join(b.dir, "vault/*.age")); err != nil || len(left) > 0 {
			t.Errorf("%s left: %v", w.way, left)
		}
		if refs, _ := b.git.Refs("refs/potluck/"); len(refs) > 0 {
			t.Errorf("%s left: %v", w.way, refs)
		}
	}
	for _, s := range []intake.State{intake.Waiting, intake.Held, intake.Asked, intake.Open, intake.Matched, intake.Closed} {
		if reached[s] == 0 {
			t.Errorf("no walk came to %s: %v", s, reached)
		}
	}
}

// walk is one item's way.
type walk struct {
	t         *testing.T
	b         *bench
	r         *intake.Receipt
	way       string
	state     intake.State
	published bool
	closed    time.Time // by a person; zero while it is not
	gone      string
}

// do does an operation, stopped at a random step first, and then twice.
func (w *walk) do(name string, rng *rand.Rand) {
	w.way += " " + name
	op, ctx := operations[name], w.t.Context()
	stop := rng.IntN(4)
	w.b.git.fail = func(string, string) error {
		if stop--; stop == 0 {
			return errors.New("stopped")
		}
		return nil
	}
	before := w.look()
	_, e1 := op(ctx, w.b, w.r)
	w.b.git.fail = nil
	_, e2 := op(ctx, w.b, w.r)
	after := w.look()
	_, _ = op(ctx, w.b, w.r)
	if again := w.look(); again != after {
		w.t.Errorf("%s: repeated, %q became %q", w.way, after, again)
	}
	if name == "publish" && (e1 == nil || e2 == nil) {
		w.published = true
	}
	if name == "undo" && before != after && w.state == intake.Waiting {
		w.published = false
	}
	if before != after && w.state == intake.Closed && slices.Contains(closing, name) {
		w.closed = w.b.now
	} else if w.state != intake.Closed {
		w.closed = time.Time{}
	}
}

// look gives all that can be seen of the item, and holds the first law.
func (w *walk) look() string {
	it, err := w.b.Mine(w.t.Context(), w.r.Code)
	if err != nil {
		w.t.Fatalf("%s: %v", w.way, err)
	}
	w.state = it.State
	if (it.Public != nil || it.State == intake.Open || it.State == intake.Matched) && !w.published && !strings.HasSuffix(w.way, "publish") {
		w.t.Fatalf("%s: nobody published it", w.way)
	}
	return fmt.Sprint(it.State, it.Changed, string(it.Public), string(it.Markdown), it.Talk)
}

// pass lets time go on and makes the round, and holds the law of deletion.
func (w *walk) pass(d time.Duration) {
	w.b.now = w.b.now.Add(d)
	w.way += fmt.Sprint(" +", d)
	if _, err := w.b.Round(w.t.Context(), false); err != nil {
		w.t.Fatalf("%s: %v", w.way, err)
	}
	why, _ := w.b.vault.Gone(w.r.ID)
	if why == "" || w.gone != "" {
		return
	}
	w.gone = why
	earliest := w.r.KeptUntil.End(w.b.cfg.Location)
	if !w.closed.IsZero() {
		earliest = w.closed.Add(29 * 24 * time.Hour) // times are kept to the hour
	}
	if why != "purged" || w.b.now.Before(earliest) {
		w.t.Errorf("%s: %s before %s", w.way, why, earliest)
	}
}

// TestClockJumps: nothing is closed or deleted while the clock is in doubt.
func TestClockJumps(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	r := b.submit(t, "A ride")
	b.drain(t)
	if _, err := b.Publish(ctx, r.ID, june); err != nil {
		t.Fatal(err)
	}
	round := func(sure bool) error {
		_, err := b.Round(ctx, sure)
		return err
	}
	state := func() intake.State {
		it, err := b.Mine(ctx, r.Code)
		if err != nil {
			t.Fatal(err)
		}
		return it.State
	}
	if err := round(false); err != nil {
		t.Fatal(err)
	}
	right := b.now
	b.now = right.AddDate(1, 0, 0)
	for range 5 {
		if err := round(false); err != intake.ErrClock || state() != intake.Open {
			t.Fatal(err, state())
		}
		b.now = b.now.Add(12 * time.Hour)
	}
	b.now = right.Add(24 * time.Hour) // somebody set it right
	if err := round(false); err != intake.ErrClock {
		t.Fatal(err)
	}
	for range 6 {
		b.now = b.now.Add(12 * time.Hour)
		_ = round(false)
	}
	if err := round(false); err != nil || state() != intake.Open {
		t.Fatalf("after three quiet days: %v", err)
	}
	b.now = b.now.AddDate(0, 0, 60) // the machine was off
	if err := round(false); err != intake.ErrClock {
		t.Fatal(err)
	}
	if err := round(true); err != nil || state() != intake.Closed {
		t.Fatal(err, state())
	}
}

// TestTimes: how long each state lasts.
func TestTimes(t *testing.T) {
	ctx := t.Context()
	for _, c := range []struct {
		name, kind, standing string
		ops                  []string
		days                 int // after so many, this is the state
		want                 intake.State
	}{
		{"a request", "request", "", []string{"publish"}, 21, intake.Open}, {"a request", "request", "", []string{"publish"}, 22, intake.Closed},
		{"an offer", "offer", "", []string{"publish"}, 60, intake.Open}, {"an offer", "offer", "", []string{"publish"}, 61, intake.Closed},
		{"a standing offer", "offer", "yes", []string{"publish"}, 365, intake.Open}, {"a standing offer", "offer", "yes", []string{"publish"}, 366, intake.Closed},
		{"a match", "offer", "", []string{"publish", "match"}, 21, intake.Matched}, {"a match", "offer", "", []string{"publish", "match"}, 22, intake.Open},
		{"what was declined", "request", "", []string{"decline"}, 30, intake.Closed}, {"what was declined", "request", "", []string{"decline"}, 31, intake.Purged},
		{"what was done", "request", "", []string{"publish", "done"}, 30, intake.Closed}, {"what was done", "request", "", []string{"publish", "done"}, 31, intake.Purged},
		{"a question", "request", "", []string{"ask"}, 21, intake.Asked}, {"a question", "request", "", []string{"ask"}, 22, intake.Closed},
		{"what nobody read", "request", "", nil, 51, intake.Waiting}, {"what nobody read", "request", "", nil, 52, intake.Closed},
		{"spam that nobody read", "request", "", []string{"hold"}, 51, intake.Held},
	} {
		b := newBench(t)
		v := request("A ride")
		v["standing"] = []string{c.standing}
		r, err := b.Submit(b.draft(t, c.kind, v), b.ticket(), false)
		if err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		for _, op := range c.ops {
			if _, err := operations[op](ctx, b, r); err != nil {
				t.Fatal(c.name, err)
			}
		}
		for left := c.days; left > 0; left -= 5 {
			b.now = b.now.AddDate(0, 0, min(left, 5))
			if _, err := b.Round(ctx, false); err != nil {
				t.Fatal(c.name, err)
			}
		}
		if it, err := b.Mine(ctx, r.Code); err != nil || it.State != c.want {
			t.Errorf("%s after %d days: %s %v, not %s", c.name, c.days, it.State, err, c.want)
		}
	}
}

// TestRenew: near its end, and from the day of renewing.
func TestRenew(t *testing.T) {
	b, ctx := newBench(t), t.Context()
	r := b.submit(t, "A ride")
	b.drain(t)
	if _, err := b.Publish(ctx, r.ID, june); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Renew(ctx, r.Code); err == nil {
		t.Error("renewed on the first day")
	}
	b.now = b.now.AddDate(0, 0, 15)
	for range 2 {
		_, _ = b.Renew(ctx, r.Code)
	}
	it, err := b.Mine(ctx, r.Code)
	if err != nil || b.Until(it).String() != "2026-12-29" || b.KeptUntil(it).String() != "2027-01-28" {
		t.Errorf("%v: until %s, kept until %s", err, b.Until(it), b.KeptUntil(it))
	}
	if !bytes.Contains(it.Public, []byte("expires = 2026-12-29\ncategories")) {
		t.Errorf("the page:\n%s", it.Public)
	}
}

// TestWrongCodes: what is not a code, and a code of the right ID that somebody made.
func TestWrongCodes(t *testing.T) {
	b := newBench(t)
	r := b.submit(t, "A ride")
	b.drain(t)
	for _, ok := range []string{r.Code.String(), strings.ToLower(string(r.Code)), " " + strings.ReplaceAll(r.Code.String(), "-", " – ") + "\n"} {
		if code, whole := intake.ParseCode(ok); !whole || code != r.Code {
			t.Errorf("%q is not read as a code", ok)
		}
	}
	for i := range len(r.Code) {
		bad := []byte(r.Code)
		bad[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(strings.IndexByte("0123456789ABCDEFGHJKMNPQRSTVWXYZ", bad[i])+1)%32]
		if _, whole := intake.ParseCode(string(bad)); whole {
			t.Errorf("a slip in letter %d is not seen", i+1)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("0", 1<<20), "\x00\xff", "🙂🙂🙂🙂🙂", string(r.Code) + "0", r.ID, r.Reference} {
		code, whole := intake.ParseCode(bad)
		if _, err := b.Mine(t.Context(), code); whole || err != intake.ErrCode {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if b.vault.Owns(r.ID, "00000000000000000000") || !b.vault.Owns(r.ID, string(r.Code)) {
		t.Error("whose it is hangs on the ID alone")
	}
}

// TestSpam: links, repeats, the same words from many, and a flood are held; nothing is dropped.
func TestSpam(t *testing.T) {
	long := "We are three people in two rooms near the old bridge and we look for a strong table that four can sit at for our meals and the homework of the children after school"
	send := func(b *bench, title, body string) intake.State {
		v := request(title)
		v["body"] = []string{body}
		r, err := b.Submit(b.draft(t, "request", v), b.ticket(), false)
		if err != nil {
			t.Fatal(err)
		}
		b.drain(t)
		it, err := b.Show(r.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		return it.State
	}
	for body, want := range map[string]intake.State{
		long: intake.Waiting, "See https://a.example and www.b.example": intake.Waiting, "": intake.Waiting,
		"http://a.example http://b.example http://c.example": intake.Held, strings.Repeat("cheap watches ", 30): intake.Held,
	} {
		if got := send(newBench(t), "A table", body); got != want {
			t.Errorf("%.30q: %s, not %s", body, got, want)
		}
	}
	b := newBench(t)
	for i, want := range []intake.State{intake.Waiting, intake.Waiting, intake.Held} {
		if got := send(b, fmt.Sprint("Table ", i), long); got != want {
			t.Errorf("the same words, post %d: %s", i+1, got)
		}
	}
	b = newBench(t)
	held := 0
	for i := range 65 {
		if send(b, fmt.Sprint("Thing ", i), "") == intake.Held {
			held++
		}
	}
	if held != 5 {
		t.Errorf("of a flood of 65, %d are held", held)
	}
	b.now = b.now.Add(11 * time.Minute)
	if got := send(b, "A kettle", ""); got != intake.Waiting {
		t.Errorf("after the flood: %s", got)
	}
}

// FuzzParseCode: what is read as a code is read back from the form in which it is shown.
func FuzzParseCode(f *testing.F) {
	f.Add("DQ55B-CP5E3-EJ3SK-S7S2M")
	f.Add("o0il1 –\u200b\xff")
	f.Fuzz(func(t *testing.T, text string) {
		code, whole := intake.ParseCode(text)
		if len(code) != 20 || len(code.ID()) != 10 {
			t.Fatalf("%q", code)
		}
		if again, ok := intake.ParseCode(strings.ToLower(code.String())); whole && (!ok || again != code) {
			t.Fatalf("%q is read back as %q", code, again)
		}
	})
}
