package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"potluck/internal/site"
)

// act is one operation on an item.
type act struct {
	op     string // of [Life]
	who    Who
	by     Person
	reason string
	change string
	page   []byte      // other proposed words, or nil
	lines  [][2]string // other front matter of the public page
}

// do carries an operation out: on main, on the item's ref, then where the ref stands. What
// was stopped is completed by the next try.
func (s *Service) do(ctx context.Context, it *Item, a act) error {
	to, ok := it.State.Next(a.op, a.who)
	if !ok {
		return it.refuse(a.op)
	}
	if it.Public != nil && (to.public() || to == Closed) {
		page, err := s.edited(it, append(s.lines(it, to), a.lines...))
		if err == nil {
			err = s.onMain(ctx, it, page, a.op, a.by)
		}
		if err != nil {
			return err
		}
	}
	c := Change{Ref: it.ref, By: a.by, When: s.Now(), Message: a.op + " " + it.Kind + " " + it.ID, Trailers: [][2]string{{"State", string(to)}}}
	if a.who != Organizer {
		c.When = c.When.UTC().Truncate(time.Hour)
	}
	if a.reason != "" {
		c.Trailers = append(c.Trailers, [2]string{"Reason", a.reason})
	}
	if a.change != "" {
		c.Trailers = append(c.Trailers, [2]string{"Change", a.change})
	}
	if a.page != nil && string(a.page) != string(it.Markdown) {
		c.Path, c.Old, c.Data = it.Path, it.Markdown, a.page
	}
	if err := s.o.Git.Commit(ctx, c); err != nil {
		return err
	}
	if it.recorded != to {
		it.Since = c.When
	}
	it.State, it.recorded, it.Reason, it.Changed = to, to, a.reason, a.change == "waits" || a.change == "" && it.Changed && to.public()
	return s.file(ctx, it)
}

// file puts the ref of an item where it belongs: into the inbox when it waits for an
// organizer.
func (s *Service) file(ctx context.Context, it *Item) error {
	home, wait := inboxRef+it.ID, int64(1)
	if !it.Changed && (it.State.public() || it.State == Closed) {
		home, wait = doneRef+it.ID, -1
	}
	if home == it.ref {
		return nil
	}
	if err := s.o.Git.Move(ctx, it.ref, home); err != nil {
		return err
	}
	it.ref = home
	s.waiting.Add(wait)
	return nil
}

// onMain puts an item's page on main, in the place of what is there; nil removes it.
func (s *Service) onMain(ctx context.Context, it *Item, page []byte, op string, by Person) error {
	if string(page) == string(it.Public) && (page == nil) == (it.Public == nil) {
		return nil
	}
	state := it.State
	if p, _ := site.Parse(s.Config(), it.Page.Place, page); p.Str("state") != "" {
		state = State(p.Str("state"))
	}
	if page == nil {
		state = Purged
	}
	err := s.o.Git.Commit(ctx, Change{
		Ref: mainRef, Path: it.Path, Old: it.Public, Data: page, By: by, When: s.Now(),
		Message: op + " " + it.Kind + " " + it.ID, Trailers: [][2]string{{"State", string(state)}, {"Item", it.ID}},
	})
	if err == nil {
		it.Public = page
	}
	return err
}

// lines are what the front matter of a public page says in a state. A kind without the
// field leaves the site by its date.
func (s *Service) lines(it *Item, to State) [][2]string {
	if s.Config().Kind(it.Kind).Field("state") != nil {
		return [][2]string{{"state", strconv.Quote(string(to))}}
	}
	if to == Closed {
		return [][2]string{{"expires", s.today().AddDays(-1).String()}}
	}
	return nil
}

func (s *Service) today() site.Date { return site.OnDay(s.Now().In(s.Config().Location)) }

// edited gives the public page with other lines of front matter, and every other byte as
// it was.
func (s *Service) edited(it *Item, lines [][2]string) ([]byte, error) {
	page := string(it.Public)
	for _, l := range lines {
		page = withLine(page, l[0], l[1])
	}
	was, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
	now, problems := site.Parse(s.Config(), it.Page.Place, []byte(page))
	broken := slices.ContainsFunc(problems, func(p site.Problem) bool { return p.Severity == site.Error })
	for _, l := range lines {
		broken = broken || l[0] == "state" && strconv.Quote(now.Str("state")) != l[1] || l[0] == "expires" && now.Expires.String() != l[1]
	}
	if broken || was.Title != now.Title || was.Summary != now.Summary || was.Body != now.Body {
		return nil, &Error{it.Path + " cannot be changed by a program", "change it by hand: " + fmt.Sprint(lines)}
	}
	return []byte(page), nil
}

// withLine sets a key of TOML front matter that stands between lines of +++.
func withLine(page, key, value string) string {
	lines := strings.SplitAfter(page, "\n")
	for i, l := range lines {
		name, _, ok := strings.Cut(l, "=")
		switch {
		case i > 0 && strings.TrimSpace(l) == "+++":
			return strings.Join(slices.Insert(lines, i, key+" = "+value+"\n"), "")
		case ok && strings.TrimSpace(name) == key:
			lines[i] = key + " = " + value + "\n"
			return strings.Join(lines, "")
		}
	}
	return page
}

// merged gives the words that wait for a public page, with the state and the end that the
// page has now.
func (s *Service) merged(it *Item) ([]byte, error) {
	p, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
	wanted := &Item{Path: it.Path, Page: it.Page, Public: it.Markdown}
	var lines [][2]string
	if !p.Expires.IsZero() {
		lines = append(lines, [2]string{"expires", p.Expires.String()})
	}
	return s.edited(wanted, append(lines, s.lines(it, it.State)...))
}

// Ask puts a question to the neighbour, who finds it with her code. Asking again while one
// is open changes it.
func (s *Service) Ask(ctx context.Context, id, question string, by Person) (*Item, error) {
	question = site.CleanLong(question)
	if question == "" || len(question) > 4000 {
		return nil, &Error{"there is no question, or it is too long", `write one: -question "When could we come?"`}
	}
	return s.organize(id, func(it *Item) error {
		if _, ok := it.State.Next("ask", Organizer); !ok {
			return it.refuse("ask")
		}
		n := it.asked
		if it.State != Asked {
			n++
		}
		if err := s.o.Vault.Tell(it.ID, note(n, "question"), []byte(question)); err != nil {
			return err
		}
		return s.do(ctx, it, act{op: "ask", who: Organizer, by: by})
	})
}

func note(n int, what string) string { return strconv.Itoa(n) + "." + what }

// listen opens what was asked and answered.
func (s *Service) listen(it *Item, code string, key Key) error {
	for n := range it.asked {
		q, err1 := s.o.Vault.Hear(it.ID, note(n+1, "question"), code, key)
		a, err2 := s.o.Vault.Hear(it.ID, note(n+1, "answer"), code, key)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		it.Talk = append(it.Talk, Talk{string(q), string(a)})
	}
	return nil
}

// simply makes the operation of an organizer that only changes the state. Where it is so
// already, nothing happens.
func (s *Service) simply(ctx context.Context, id, op, reason string, by Person) (*Item, error) {
	return s.organize(id, func(it *Item) error {
		if it.State == target(op) && it.State == it.recorded {
			return s.file(ctx, it)
		}
		return s.do(ctx, it, act{op: op, who: Organizer, by: by, reason: reason})
	})
}

// Hold marks an item as perhaps spam; Release takes the mark off.
func (s *Service) Hold(ctx context.Context, id string, by Person) (*Item, error) {
	return s.simply(ctx, id, "hold", "", by)
}

// Release takes the mark off that an item may be spam.
func (s *Service) Release(ctx context.Context, id string, by Person) (*Item, error) {
	return s.simply(ctx, id, "release", "", by)
}

// Match says on the page that it is being arranged; Unmatch that it is open again.
func (s *Service) Match(ctx context.Context, id string, by Person) (*Item, error) {
	return s.simply(ctx, id, "match", "", by)
}

// Unmatch says on the page that it is open again.
func (s *Service) Unmatch(ctx context.Context, id string, by Person) (*Item, error) {
	return s.simply(ctx, id, "unmatch", "", by)
}

// Close ends what is public, for one of [Endings].
func (s *Service) Close(ctx context.Context, id, reason string, by Person) (*Item, error) {
	if !slices.Contains(Endings, reason) {
		return nil, &Error{fmt.Sprintf("%q is not a reason to close", reason), "use one of: " + strings.Join(Endings, ", ")}
	}
	return s.simply(ctx, id, "close", reason, by)
}

// Reopen undoes that an item was closed, within 14 days: what was public is public again,
// what was not waits again.
func (s *Service) Reopen(ctx context.Context, id string, by Person) (*Item, error) {
	return s.organize(id, func(it *Item) error {
		a := act{op: "reopen", who: Organizer, by: by}
		switch {
		case it.State == Closed && s.Now().Sub(it.Since) > reopenDays*day:
			return &Error{fmt.Sprintf("%s was closed more than %d days ago", it.ID, reopenDays), "make a new page of it"}
		case it.Public == nil:
			a.op = "return"
		default:
			p, _ := site.Parse(s.Config(), it.Page.Place, it.Public)
			if !p.Expires.IsZero() && !s.Now().Before(p.Expires.End(s.Config().Location)) {
				a.lines = [][2]string{{"expires", s.today().AddDays(days(p)).String()}}
			}
		}
		return s.do(ctx, it, a)
	})
}

const day = 24 * time.Hour

// EraseItem deletes all that is kept of an item and takes its page off the site, for a
// neighbour who asked for it without her code.
func (s *Service) EraseItem(ctx context.Context, id string, by Person) (*Item, error) {
	return s.organize(id, func(it *Item) error { return s.erase(ctx, it, by) })
}

// erase deletes what is private first: it can be done when main cannot be changed.
func (s *Service) erase(ctx context.Context, it *Item, by Person) error {
	if it.ref == "" { // a repeated one
		return nil
	}
	if err := s.o.Vault.Erase(it.ID, "erased", s.Now()); err != nil {
		return err
	}
	it.State, it.Reason = Purged, "erased"
	if err := s.onMain(ctx, it, nil, "erase", by); err != nil { // an organizer's edit is in the way; the round tries again
		return err
	}
	if strings.HasPrefix(it.ref, inboxRef) {
		s.waiting.Add(-1)
	}
	it.Page, it.Markdown, it.Changed = &site.Page{}, nil, false
	return s.o.Git.Erase(ctx, it.ref)
}

// notThere tells that an error means that something does not exist.
func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
